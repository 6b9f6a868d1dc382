namespace TokenSessionSite.Pages.Dev;

public static class SessionInspectorExtensions
{
    /// <summary>Registers the session inspector: in Development, <c>/dev/session</c> shows the session as the site sees it, and the outcome
    /// of the last requests.</summary>
    public static WebApplicationBuilder AddSessionInspector(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment())
        {
            builder.Services.AddHttpContextAccessor();
            builder.Services.AddSingleton<RecentRequests>();
            builder.Services.AddHostedService(provider => provider.GetRequiredService<RecentRequests>());
        }

        return builder;
    }
}
