# Prints a test run unchanged, and at the end one line: `N passed, N failed`, the sum of the runners' own summaries
# ("  succeeded: 5"). A summary has exactly two blanks: in the quoted output of a generated site's tests, there are more.
# Exits with 1 if a summary counts a failure or if no test ran.
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
