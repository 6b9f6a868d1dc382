using TokenSessionSite;
using TokenSessionSite.Backend;
//#if (account)
using TokenSessionSite.Backend.Account;
//#endif
//#if (sample)
using TokenSessionSite.Pages.Dev;
//#endif
using TokenSessionSite.Session;
//#if (redis)
using TokenSessionSite.Session.Redis;
//#endif
using TokenSessionSite.Session.Restrictions;

var builder = WebApplication.CreateBuilder(args);

// Keep each user's token session: cookies, refresh, sign-out, authorization.
builder.AddTokenSession();

//#if (redis)
// Share the sessions with the other nodes, if ConnectionStrings:Redis is set.
builder.AddRedisSessions();

//#endif
// Talk to the backend that issues the tokens.
builder.AddBackend();

//#if (account)
// Let users reset and change passwords, register, and set up a second factor.
builder.AddAccount();

//#endif
// Pages below /App need a signed-in user; the login page is for guests.
builder.Services.AddRazorPages(options => options.Conventions.RequireSession("/App").GuestsOnly("/Login"));

// After the first HTTPS response, browsers use HTTPS only, for a year.
builder.Services.AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));

// Write addresses in lower case: /app instead of /App.
builder.Services.AddRouting(options => options.LowercaseUrls = true);

//#if (sample)
// Show at /dev/session what the session does, in Development only.
builder.AddSessionInspector();

//#endif
// Send traces, metrics and logs to a collector, if OTEL_EXPORTER_OTLP_ENDPOINT is set.
builder.AddTelemetry();

var app = builder.Build();

// Tell browsers what the pages may do (SecurityHeaders.cs).
app.UseSiteSecurityHeaders();

// Show the error page, and use HTTPS only. Development has the developer exception page, and can use plain HTTP.
if (!app.Environment.IsDevelopment())
{
    app.UseExceptionHandler("/error");
    app.UseHsts();
    app.UseHttpsRedirection();
}

app.UseStatusCodePagesWithReExecute("/error");

// Answer with "try again" when the backend cannot be reached.
app.UseMiddleware<BackendExceptionMiddleware>();

// Authenticate and authorize each request with its session.
app.UseTokenSession();

// If a fallback policy protects the site, guests still get the static files: the login page needs its style sheet.
app.MapStaticAssets().AllowAnonymous();

// Login, refresh and logout for scripts.
app.MapTokenSession();

// The backend for scripts, below /api/backend.
app.MapBackendProxy();
app.MapHealthEndpoints();

//#if (account)
app.MapAccount();

//#endif
app.MapRazorPages().WithStaticAssets();

// Protect your own endpoints as usual in ASP.NET Core:
// app.MapGet("/api/me", (IBackendApi api) => api.GetMeAsync()).RequireAuthorization();
app.Run();
