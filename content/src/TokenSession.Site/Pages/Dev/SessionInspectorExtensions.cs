namespace TokenSessionSite.Pages.Dev;

public static class SessionInspectorExtensions
{
    /// <summary>In Development, <c>/dev/session</c> shows the session as the site sees it, and what the last requests did.</summary>
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
