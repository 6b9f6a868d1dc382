using Microsoft.AspNetCore.Mvc.Rendering;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>What a page says to its scripts about the session; the layout writes it on the body, where <c>wwwroot/js</c> reads it.</summary>
/// <param name="State">What is known of the session: <c>signed-in</c>, <c>signed-out</c>, or <c>unknown</c> for the moment.</param>
/// <param name="IsRestricted">Not everybody gets this page: it is asked for again when the state changes.</param>
/// <param name="Now">What time it is on the server; a browser's clock may be hours off.</param>
/// <param name="RefreshBefore">How many seconds before its expiry the access token is refreshed.</param>
/// <param name="EndsIn">In how many seconds the session ends if its user asks for no page; null without a session.</param>
/// <param name="OfferBefore">How many seconds before that end the page offers to put it off.</param>
public sealed record PageFacts(string State, bool IsRestricted, DateTime Now, int RefreshBefore, int? EndsIn, int OfferBefore)
{
    private static readonly TimeSpan LongestOffer = TimeSpan.FromMinutes(5);

    public static PageFacts Of(ViewContext view, TokenSessionOptions options, DateTimeOffset now)
    {
        var session = view.HttpContext.GetTokenSession();
        var state = session.State switch
        {
            SessionState.SignedIn => "signed-in",
            SessionState.SignedOut => "signed-out",
            _ => "unknown",
        };
        var isRestricted =
            view.ViewData["AsksAgain"] is true || view.ActionDescriptor.FilterDescriptors.Any(its => its.Filter is RestrictionAttribute);
        var (refreshBefore, endsIn) = session.Ticket is { Tokens: var tokens } ticket
            ? (tokens.ExpiresAt - tokens.StaleAt(options.RefreshBefore), (int?)(options.EndsUnattendedAt(ticket) - now).TotalSeconds)
            : (options.RefreshBefore, null);
        var offerBefore = options.IdleTimeout / 5 < LongestOffer ? options.IdleTimeout / 5 : LongestOffer;
        return new(state, isRestricted, now.UtcDateTime, (int)refreshBefore.TotalSeconds, endsIn, (int)offerBefore.TotalSeconds);
    }
}
