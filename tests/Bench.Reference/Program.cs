using System.Security.Claims;
using Bench.Reference;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

// The sites with which the generated site is compared: the same page, layout and headers, and one of three kinds of authentication.
var builder = WebApplication.CreateBuilder(args);
var kind = builder.Configuration.GetValue<SiteKind>("Kind");

builder.Services.AddDataProtection().PersistKeysToFileSystem(new(builder.Configuration["Keys"]!));
builder.Services.AddRouting(options => options.LowercaseUrls = true);
builder.Services.AddRazorPages(options =>
{
    if (kind is not SiteKind.Anonymous)
        options.Conventions.AuthorizeFolder("/App");
});

if (kind is SiteKind.Cookie)
    builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
if (kind is SiteKind.Tokens)
    builder
        .Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
        .AddCookie(cookie => cookie.Events.OnValidatePrincipal = StoredTokens.ValidateAsync);

var app = builder.Build();
app.UseSiteSecurityHeaders();
app.UseExceptionHandler("/error");
app.UseStatusCodePagesWithReExecute("/error");
app.MapStaticAssets();
if (kind is not SiteKind.Anonymous)
{
    app.UseAuthentication();
    app.UseAuthorization();
}

app.MapPost("/sign-in", SignIn);
app.MapRazorPages().WithStaticAssets();
app.Run();

IResult SignIn(string name, string accessToken, string refreshToken, DateTimeOffset expiresAt)
{
    var user = new ClaimsPrincipal(
        new ClaimsIdentity([new(ClaimTypes.NameIdentifier, name)], CookieAuthenticationDefaults.AuthenticationScheme)
    );
    var properties = new AuthenticationProperties { IsPersistent = true };
    if (kind is SiteKind.Tokens)
        StoredTokens.Write(properties, accessToken, refreshToken, expiresAt);
    return TypedResults.SignIn(user, properties);
}
