using System.Collections.Immutable;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Properties = OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreConstants.Properties;

namespace Backends;

/// <summary>The OpenIddict endpoints that need the users. /connect/revocation needs no code here.</summary>
internal static class OpenIddictEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string CookieScheme = CookieAuthenticationDefaults.AuthenticationScheme;

    public static void MapOpenIddictEndpoints(this WebApplication app)
    {
        app.MapPost("/connect/token", TokenAsync);
        app.MapMethods("/connect/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync);
        app.MapMethods("/connect/endsession", [HttpMethods.Get, HttpMethods.Post], (Delegate)EndSessionAsync);
        app.MapMethods("/connect/userinfo", [HttpMethods.Get, HttpMethods.Post], UserInfoAsync);
    }

    private static async Task<IResult> TokenAsync(HttpContext context, UserManager<IdentityUser> users)
    {
        var request = context.GetOpenIddictServerRequest()!;
        if (request.IsPasswordGrantType())
            return await FindUserAsync(users, request.Username, request.Password) is { } user
                ? await SignInAsync(user, request.GetScopes(), users)
                : TypedResults.Forbid(Error(Errors.InvalidGrant, "The e-mail or the password is wrong."), [Scheme]);

        // OpenIddict has validated the authorization code or the refresh token.
        var principal = (await context.AuthenticateAsync(Scheme)).Principal!;
        var owner = await users.FindByIdAsync(principal.GetClaim(Claims.Subject)!);
        return owner is not null && !await users.IsLockedOutAsync(owner)
            ? await SignInAsync(owner, principal.GetScopes(), users)
            : TypedResults.Forbid(Error(Errors.InvalidGrant, "The user may not sign in any more."), [Scheme]);
    }

    /// <summary>Shows a login form. With the parameters email and password, which the form sends, signs the user in.</summary>
    private static async Task<IResult> AuthorizeAsync(HttpContext context, UserManager<IdentityUser> users)
    {
        var request = context.GetOpenIddictServerRequest()!;
        var session = await context.AuthenticateAsync(CookieScheme);
        var user =
            session.Succeeded && !request.HasPromptValue(PromptValues.Login)
                ? await users.GetUserAsync(session.Principal)
                : await FindUserAsync(users, (string?)request["email"], (string?)request["password"]);
        if (user is null && request.HasPromptValue(PromptValues.None))
            return TypedResults.Forbid(Error(Errors.LoginRequired, "No user is signed in."), [Scheme]);
        if (user is null)
            return LoginForm(request);

        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user.Id)], CookieScheme);
        await context.SignInAsync(CookieScheme, new ClaimsPrincipal(identity));
        return await SignInAsync(user, request.GetScopes(), users);
    }

    private static async Task<IResult> EndSessionAsync(HttpContext context)
    {
        await context.SignOutAsync(CookieScheme);
        return TypedResults.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [Scheme]);
    }

    private static async Task<IResult> UserInfoAsync(HttpContext context, UserManager<IdentityUser> users)
    {
        var principal = (await context.AuthenticateAsync(Scheme)).Principal!;
        if (await users.FindByIdAsync(principal.GetClaim(Claims.Subject)!) is not { } user)
            return TypedResults.Challenge(Error(Errors.InvalidToken, "The user no longer exists."), [Scheme]);
        return TypedResults.Ok(
            new Dictionary<string, object?>
            {
                [Claims.Subject] = user.Id,
                [Claims.Email] = user.Email,
                [Claims.Name] = user.UserName,
                [Claims.Role] = principal.GetClaims(Claims.Role),
            }
        );
    }

    private static async Task<IResult> SignInAsync(IdentityUser user, ImmutableArray<string> scopes, UserManager<IdentityUser> users)
    {
        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Id).SetClaim(Claims.Email, user.Email).SetClaim(Claims.Name, user.UserName);
        identity.SetClaims(Claims.Role, [.. (await users.GetClaimsAsync(user)).Select(claim => claim.Value)]);
        identity.SetScopes(scopes).SetDestinations(_ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return TypedResults.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);
    }

    private static async Task<IdentityUser?> FindUserAsync(UserManager<IdentityUser> users, string? email, string? password) =>
        await users.FindByEmailAsync(email ?? "") is { } user
        && await users.CheckPasswordAsync(user, password ?? "")
        && !await users.IsLockedOutAsync(user)
            ? user
            : null;

    private static AuthenticationProperties Error(string error, string description) =>
        new(new Dictionary<string, string?> { [Properties.Error] = error, [Properties.ErrorDescription] = description });

    private static IResult LoginForm(OpenIddictRequest request)
    {
        var hidden = request
            .GetParameters()
            .Where(parameter => parameter.Key is not ("email" or "password"))
            .Select(parameter => $"""<input type="hidden" name="{Encode(parameter.Key)}" value="{Encode((string?)parameter.Value)}">""");
        return TypedResults.Content(
            $"""
            <!doctype html><title>Sign in</title>
            <form method="post" action="/connect/authorize">{string.Concat(hidden)}
            <label>E-mail <input name="email" type="email" autocomplete="username"></label>
            <label>Password <input name="password" type="password" autocomplete="current-password"></label>
            <button>Sign in</button></form>
            """,
            "text/html; charset=utf-8"
        );
    }

    private static string Encode(string? text) => WebUtility.HtmlEncode(text ?? "");
}
