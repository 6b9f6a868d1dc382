using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Writes the responses of Directus, as captured from 11.17 and 12.4.</summary>
public sealed class DirectusDemoWireFormat : IDemoWireFormat
{
    public object Tokens(DemoTokens tokens) =>
        new
        {
            data = new
            {
                expires = (long)tokens.Lifetime.TotalMilliseconds,
                refresh_token = tokens.RefreshToken,
                access_token = tokens.AccessToken,
            },
        };

    public object User(DemoUser user) => new { data = new { id = user.Email, email = user.Email } };

    public (HttpStatusCode Status, object Body) Error(DemoError error)
    {
        var (status, code) = error switch
        {
            DemoError.BadRequest => (HttpStatusCode.BadRequest, "INVALID_PAYLOAD"),
            DemoError.OtpRequired => (HttpStatusCode.Unauthorized, "INVALID_OTP"),
            DemoError.AccessTokenExpired => (HttpStatusCode.Unauthorized, "TOKEN_EXPIRED"),
            DemoError.AccessTokenInvalid => (HttpStatusCode.Forbidden, "INVALID_TOKEN"),
            DemoError.NotFound => (HttpStatusCode.NotFound, "ROUTE_NOT_FOUND"),
            DemoError.TooManyRequests => (HttpStatusCode.TooManyRequests, "REQUESTS_EXCEEDED"),
            DemoError.Unavailable => (HttpStatusCode.ServiceUnavailable, "SERVICE_UNAVAILABLE"),
            _ => (HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS"),
        };
        return (status, new { errors = new[] { new { message = code, extensions = new { code } } } });
    }
}
