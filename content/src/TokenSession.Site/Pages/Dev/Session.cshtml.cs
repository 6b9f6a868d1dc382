using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages.Dev;

/// <summary>The session inspector. It never refreshes the session, and it lets the demo backend fail on demand.</summary>
[LocalhostOnly, SessionEndpoint(Refresh = false)]
public sealed class SessionModel(
    ITokenFamilyStore families,
    DemoBackend demo,
    IOptions<BackendOptions> backend,
    RecentRequests recent,
    SessionClock clock
) : PageModel
{
    /// <summary>The token family of this session; null before the first refresh.</summary>
    public TokenFamily? Family { get; private set; }

    /// <summary>The demo backend; null if this site uses another backend.</summary>
    public DemoBackend? Demo => backend.Value.IsDemo ? demo : null;

    public RecentRequests Recent => recent;

    public async Task OnGetAsync() =>
        Family = HttpContext.GetTokenSession().Ticket is { } ticket ? await families.GetAsync(ticket.SessionId) : null;

    public IActionResult OnPostBreak(DemoFault fault) => Do(() => demo.Faults.Break(fault));

    public IActionResult OnPostClearFault() => Do(demo.Faults.Clear);

    public IActionResult OnPostLoseNextAnswer() => Do(() => demo.Faults.Break(DemoFault.DropAfterCommit, "/auth/refresh", times: 1));

    /// <summary>Expires the access token, so that the next page or an open tab refreshes.</summary>
    public IActionResult OnPostExpire() =>
        Do(() =>
        {
            var session = HttpContext.GetTokenSession();
            if (session.Ticket is { Tokens: var tokens } ticket)
            {
                session.Replace(ticket with { Tokens = tokens with { ExpiresAt = clock.GetUtcNow() } });
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
