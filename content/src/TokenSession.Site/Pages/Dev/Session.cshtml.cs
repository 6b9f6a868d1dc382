using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages.Dev;

/// <summary>The session inspector: looks without touching (it never refreshes), and breaks the demo backend on demand.</summary>
[OnThisMachine, RefreshSession(false)]
public sealed class SessionModel(
    ILineageStore lineages,
    DemoBackend demo,
    IOptions<BackendOptions> backend,
    RecentRequests recent,
    TimeProvider time
) : PageModel
{
    /// <summary>What the site remembers of this session; null until the first refresh.</summary>
    public SessionLineage? Lineage { get; private set; }

    /// <summary>The demo backend, if this site talks to it.</summary>
    public DemoBackend? Demo => backend.Value.IsDemo ? demo : null;

    public IEnumerable<RecentRequest> Requests => recent.NewestFirst;

    public async Task OnGetAsync() =>
        Lineage = HttpContext.GetTokenSession().Ticket is { } ticket ? await lineages.FindAsync(ticket.SessionId) : null;

    public IActionResult OnPostBreak(DemoFault fault) => Do(() => demo.Faults.Break(fault));

    public IActionResult OnPostMend() => Do(demo.Faults.Mend);

    public IActionResult OnPostLoseNextAnswer() => Do(() => demo.Faults.Break(DemoFault.DropAfterCommit, "/auth/refresh", times: 1));

    /// <summary>As if its time had come; the next page, or a tab that is open, refreshes.</summary>
    public IActionResult OnPostExpire() =>
        Do(() =>
        {
            var session = HttpContext.GetTokenSession();
            if (session.Ticket is { Tokens: var tokens } ticket)
            {
                session.SignedIn(ticket with { Tokens = tokens with { ExpiresAt = time.GetUtcNow() } });
                session.Cookies = CookieChange.Write;
            }
        });

    public IActionResult OnPostRefuseAccessTokens() => Do(demo.InvalidateAccessTokens);

    public IActionResult OnPostRevoke() => Do(demo.RevokeEverySession);

    private IActionResult Do(Action action)
    {
        if (Demo is null)
        {
            return NotFound();
        }

        action();
        return RedirectToPage();
    }
}
