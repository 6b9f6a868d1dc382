using TokenSessionSite;
using TokenSessionSite.Backend;
using TokenSessionSite.Pages;
//#if (sample)
using TokenSessionSite.Pages.Dev;
//#endif
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

var builder = WebApplication.CreateBuilder(args);

// Keep each user's token session: cookies, refresh, sign-out, page restrictions.
builder.AddTokenSession();

// Talk to the backend that issues the tokens.
builder.AddBackend();

// Pages below /App want a signed-in user; the login page is for guests; a backend that fails is a page that says so.
builder.Services.AddRazorPages(options =>
    options.Conventions.RequireSession("/App").GuestsOnly("/Login").ConfigureFilter(new BackendFailureAttribute())
);

// Write addresses in lower case: /app, not /App.
builder.Services.AddRouting(options => options.LowercaseUrls = true);

//#if (sample)
// See in /dev/session what the session does, in Development only.
builder.AddSessionInspector();

//#endif
var app = builder.Build();

// Tell browsers what the pages may do (SecurityHeaders.cs).
app.UseSiteSecurityHeaders();

// Say what went wrong in the site's own dress; in Development, exceptions show themselves.
if (!app.Environment.IsDevelopment())
{
    app.UseExceptionHandler("/error");
}

app.UseStatusCodePagesWithReExecute("/error");

app.MapStaticAssets();
app.MapTokenSession();
app.MapBackendProxy();
app.MapSiteHealth();
app.MapRazorPages().WithStaticAssets();
app.Run();

/// <summary>Public so that tests can host the site.</summary>
public partial class Program;
