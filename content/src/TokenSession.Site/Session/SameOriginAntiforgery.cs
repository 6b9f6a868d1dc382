using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// Checks what the browser says about the sender of a request (<see cref="SameOriginFilter"/>), as the automatic protection of ASP.NET Core
/// 11 does. This needs no random cookie, so one tab cannot invalidate the form of another tab. The hidden field names the user of the page
/// with the form, so a form of one user is not accepted for another user. If a browser does not name the sender, the tokens and the cookie
/// of ASP.NET Core are checked.
/// </summary>
internal sealed class SameOriginAntiforgery(
    IAntiforgery tokens,
    IOptions<AntiforgeryOptions> options,
    ILogger<SameOriginAntiforgery> logger
) : IAntiforgery
{
    private const char Separator = ':';

    private string Header => options.Value.HeaderName ?? "RequestVerificationToken";

    public AntiforgeryTokenSet GetAndStoreTokens(HttpContext context) =>
        WithUser(context, SameOriginFilter.NamesSenderOfEachRequest(context.Request) ? null : tokens.GetAndStoreTokens(context));

    public AntiforgeryTokenSet GetTokens(HttpContext context) =>
        WithUser(context, SameOriginFilter.NamesSenderOfEachRequest(context.Request) ? null : tokens.GetTokens(context));

    public void SetCookieTokenAndHeader(HttpContext context)
    {
        if (!SameOriginFilter.NamesSenderOfEachRequest(context.Request))
        {
            tokens.SetCookieTokenAndHeader(context);
        }
    }

    public async Task<bool> IsRequestValidAsync(HttpContext context)
    {
        var method = context.Request.Method;
        var isRead =
            HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
        return isRead || await RefusalOfAsync(context) is null;
    }

    public async Task ValidateRequestAsync(HttpContext context)
    {
        if (await RefusalOfAsync(context) is { } refusal)
        {
            context.GetTokenSession().FormRefusal = refusal;
            if (refusal is FormRefusal.CrossSite)
            {
                logger.CrossSiteRequestRefused((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "");
            }

            throw new AntiforgeryValidationException($"The form was refused: {refusal}.");
        }
    }

    /// <summary>The hash of the user in the hidden field of a form; empty for a guest.</summary>
    internal static string UserOf(string? field) => field?.IndexOf(Separator) is > 0 and var end ? field[..end] : "";

    /// <summary>The value of the hidden field that names this user.</summary>
    internal static string FieldFor(string user) => user + Separator;

    private AntiforgeryTokenSet WithUser(HttpContext context, AntiforgeryTokenSet? issued) =>
        new(
            FieldFor(context.GetTokenSession().UserHash) + issued?.RequestToken,
            issued?.CookieToken,
            options.Value.FormFieldName,
            options.Value.HeaderName
        );

    private async Task<FormRefusal?> RefusalOfAsync(HttpContext context)
    {
        if (!SameOriginFilter.IsSameOrigin(context.Request))
        {
            return FormRefusal.CrossSite;
        }

        string user,
            token;
        try
        {
            (user, token) = await ReadTokenAsync(context.Request);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or InvalidOperationException or IOException)
        {
            return FormRefusal.Unreadable;
        }

        if (!SameOriginFilter.NamesSender(context.Request))
        {
            context.Request.Headers[Header] = token;
            if (!await tokens.IsRequestValidAsync(context))
            {
                return FormRefusal.Outdated;
            }
        }

        // A guest's form can be sent after a sign-in. If the session of the form's user has ended, the page refuses the form.
        var current = context.GetTokenSession().UserHash;
        return user is "" || current is "" || user == current ? null : FormRefusal.OtherUser;
    }

    private async Task<(string User, string Token)> ReadTokenAsync(HttpRequest request)
    {
        string? value = request.Headers[Header];
        if (value is null && request.HasFormContentType)
        {
            value = (await request.ReadFormAsync(request.HttpContext.RequestAborted))[options.Value.FormFieldName];
        }

        return (UserOf(value), value?[(value.IndexOf(Separator) + 1)..] ?? "");
    }
}

/// <summary>Why a form was refused before its page ran.</summary>
public enum FormRefusal
{
    /// <summary>A page of another site sent the form.</summary>
    CrossSite,

    /// <summary>Another user has signed in since the page was opened.</summary>
    OtherUser,

    /// <summary>The body of the request is not a form.</summary>
    Unreadable,

    /// <summary>The browser does not name the sender, and its antiforgery cookie does not match or is missing.</summary>
    Outdated,
}
