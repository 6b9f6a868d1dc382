using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.Rendering;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>Data about the session for scripts. The layout writes it to the body element, and <c>wwwroot/js</c> reads it there.</summary>
/// <param name="State"><c>signed-in</c>, <c>signed-out</c> or <c>unknown</c>.</param>
/// <param name="User">The hash of the user; empty for a guest.</param>
/// <param name="IsRestricted">True if the page depends on the session. Scripts then reload it when the state changes.</param>
/// <param name="Now">The server's time, because a browser's clock may be wrong.</param>
/// <param name="RefreshBefore">Seconds between the refresh of the access token and its expiry.</param>
/// <param name="EndsIn">Seconds until the session ends if the user is inactive; null without a session.</param>
/// <param name="WarnBefore">How many seconds before this end the page offers to stay signed in.</param>
public sealed record SessionPageData(
    string State,
    string User,
    bool IsRestricted,
    DateTime Now,
    int RefreshBefore,
    int? EndsIn,
    int WarnBefore
)
{
    private static readonly TimeSpan MaxWarning = TimeSpan.FromMinutes(5);

    public static SessionPageData From(ViewContext view, TokenSessionOptions options, DateTimeOffset now)
    {
        var session = view.HttpContext.GetTokenSession();
        var state = session.State switch
        {
            SessionState.SignedIn => "signed-in",
            SessionState.SignedOut => "signed-out",
            _ => "unknown",
        };
        var isRestricted =
            view.ViewData["ReloadOnSessionChange"] is true
            || view.ActionDescriptor.FilterDescriptors.Any(descriptor => descriptor.Filter is RestrictionAttribute)
            || view.ActionDescriptor.EndpointMetadata.Any(metadata => metadata is IAuthorizeData);
        var (refreshBefore, endsIn) = session.Ticket is { Tokens: var tokens } ticket
            ? (tokens.ExpiresAt - tokens.RefreshAt(options.RefreshBeforeExpiration), (int?)(options.ExpiryOf(ticket) - now).TotalSeconds)
            : (options.RefreshBeforeExpiration, null);
        var warnBefore = options.IdleTimeout / 5 < MaxWarning ? options.IdleTimeout / 5 : MaxWarning;
        return new(
            state,
            session.UserHash,
            isRestricted,
            now.UtcDateTime,
            (int)refreshBefore.TotalSeconds,
            endsIn,
            (int)warnBefore.TotalSeconds
        );
    }

    /// <summary>Whether the page is for signed-in users only. When the session ends, scripts then redirect to the login page.</summary>
    public static bool NeedsSession(ViewContext view) =>
        !view.ActionDescriptor.EndpointMetadata.Any(metadata => metadata is IAllowAnonymous)
        && (
            view.ActionDescriptor.FilterDescriptors.Any(descriptor => descriptor.Filter is RequireSessionAttribute)
            || view.ActionDescriptor.EndpointMetadata.Any(metadata => metadata is IAuthorizeData)
        );
}
