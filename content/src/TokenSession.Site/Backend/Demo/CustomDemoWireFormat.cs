using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Writes the format of RFC 6749: tokens as in 5.1, errors as in 5.2.</summary>
public sealed class CustomDemoWireFormat : IDemoWireFormat
{
    public object Tokens(DemoTokens tokens) =>
        new
        {
            access_token = tokens.AccessToken,
            token_type = "Bearer",
            expires_in = (int)tokens.Lifetime.TotalSeconds,
            refresh_token = tokens.RefreshToken,
        };

    public object User(DemoUser user) => new { id = user.Email, email = user.Email };

    public (HttpStatusCode Status, object Body) Error(DemoError error) =>
        error switch
        {
            DemoError.BadRequest => (HttpStatusCode.BadRequest, new { error = "invalid_request" }),
            DemoError.BadCredentials => (HttpStatusCode.Unauthorized, new { error = "invalid_grant" }),
            DemoError.OtpRequired => (HttpStatusCode.Unauthorized, new { error = "otp_required" }),
            DemoError.TokenRejected => (HttpStatusCode.BadRequest, new { error = "invalid_grant" }),
            DemoError.NotFound => (HttpStatusCode.NotFound, new { error = "not_found" }),
            DemoError.TooManyRequests => (HttpStatusCode.TooManyRequests, new { error = "slow_down" }),
            DemoError.Unavailable => (HttpStatusCode.ServiceUnavailable, new { error = "temporarily_unavailable" }),
            _ => (HttpStatusCode.Unauthorized, new { error = "invalid_token" }),
        };
}
