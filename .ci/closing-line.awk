# Passes a test run through and ends it with one line: `N passed, N failed`, summed from the runners' own summaries
# ("  succeeded: 5"). Exactly two blanks: the output of a generated site's tests, quoted in a failure message, has more.
# Exit code 1 when a summary counts a failure, and when no test ran at all.
{ print; fflush() }
/^  succeeded: [0-9]+/ { passed += $2 }
/^  failed: [0-9]+/ { failed += $2 }
/^  skipped: [0-9]+/ { skipped += $2 }
END {
    if (skipped) print skipped " skipped"
    if (passed + failed == 0) print "No test ran."
    printf "%d passed, %d failed\n", passed, failed
    exit (failed > 0 || passed + failed == 0)
}
