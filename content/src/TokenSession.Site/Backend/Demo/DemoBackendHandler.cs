using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TokenSessionSite.Backend.Demo;

/// <summary>
/// Replaces the network: the site's Refit clients call the demo backend as they would call the real one, without a second port. It is used
/// in Development only, and signs in clients on this machine only.
/// </summary>
public sealed partial class DemoBackendHandler(
    DemoBackend backend,
    IDemoWireFormat format,
    IHttpContextAccessor accessor,
    ILogger<DemoBackendHandler> logger
) : HttpMessageHandler
{
    /// <summary>A host name that cannot exist (RFC 2606). These calls never leave the process.</summary>
    public static readonly Uri Address = new("http://demo-backend.invalid");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var faults = backend.Faults;
        var fault = faults.Take(path);
        backend.Arrived(path);

        await BreakConnectionAsync(fault, cancellationToken);
        var body = await ReadAsync(request, cancellationToken);
        var refreshToken = Text(body, "refresh_token");

        // With phantoms, the token is validated before the delay, and the session changes after it.
        var recognised = faults.Phantoms && path is "/auth/refresh" ? backend.Validate(refreshToken ?? "") : null;
        await faults.Gate.WaitAsync(cancellationToken);
        if (faults.Latency > TimeSpan.Zero)
        {
            await Task.Delay(faults.Latency, cancellationToken);
        }

        var response = fault switch
        {
            DemoFault.Unavailable => Error(DemoError.Unavailable),
            DemoFault.TooManyRequests => Error(DemoError.TooManyRequests),
            DemoFault.Html => Answer(HttpStatusCode.OK, "<!doctype html><title>Sign in to the network</title>", "text/html"),
            DemoFault.Empty => Answer(HttpStatusCode.OK, "", "application/json"),
            DemoFault.OtherJson => Answer(HttpStatusCode.OK, """{"status":"ok"}""", "application/json"),
            _ => Work(request, body, refreshToken, recognised),
        };
        if (fault is DemoFault.DropAfterCommit)
        {
            backend.AnswerWasLost(refreshToken);
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was closed before the response arrived.");
        }

        response.RequestMessage = request;
        return response;
    }

    private static async Task BreakConnectionAsync(DemoFault fault, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case DemoFault.Refused:
                throw new HttpRequestException(
                    HttpRequestError.ConnectionError,
                    "Connection refused",
                    new SocketException((int)SocketError.ConnectionRefused)
                );
            case DemoFault.Reset:
                throw new HttpRequestException(
                    HttpRequestError.Unknown,
                    "Connection reset",
                    new SocketException((int)SocketError.ConnectionReset)
                );
            case DemoFault.Hang:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
        }
    }

    private HttpResponseMessage Work(HttpRequestMessage request, JsonElement body, string? refreshToken, DemoSession? recognised) =>
        (request.Method.Method, request.RequestUri!.AbsolutePath) switch
        {
            ("POST", "/auth/login") => Write(SignIn(body)),
            ("POST", "/auth/refresh") => Write(Refresh(refreshToken, recognised)),
            ("POST", "/auth/logout") => SignOut(refreshToken),
            ("GET", "/users/me") => Write(backend.Authenticate(request.Headers.Authorization?.Parameter)),
            _ => Error(DemoError.NotFound),
        };

    private DemoResult SignIn(JsonElement body)
    {
        if (accessor.HttpContext is { } context && !LoopbackRequest.Matches(context))
        {
            RefusedFarClient();
            return DemoError.BadCredentials;
        }

        return Text(body, "email") is { } email && Text(body, "password") is { } password
            ? backend.SignIn(email, password, Text(body, "otp"))
            : DemoError.BadRequest;
    }

    private DemoResult Refresh(string? token, DemoSession? recognised)
    {
        if (token is null)
        {
            return DemoError.BadRequest;
        }

        var session = recognised ?? (backend.Faults.Phantoms ? null : backend.Validate(token));
        return session is null ? DemoError.TokenRejected : backend.Exchange(session);
    }

    private HttpResponseMessage SignOut(string? token)
    {
        if (token is null)
        {
            return Error(DemoError.BadRequest);
        }

        backend.SignOut(token);
        return new(HttpStatusCode.NoContent);
    }

    private HttpResponseMessage Write(DemoResult result) =>
        result switch
        {
            DemoTokens tokens => Answer(HttpStatusCode.OK, JsonSerializer.Serialize(format.Tokens(tokens)), "application/json"),
            DemoUser user => Answer(HttpStatusCode.OK, JsonSerializer.Serialize(format.User(user)), "application/json"),
            _ => Error(((DemoFailure)result).Error),
        };

    private HttpResponseMessage Error(DemoError error)
    {
        var (status, body) = format.Error(error);
        var response = Answer(status, JsonSerializer.Serialize(body), "application/json");
        if (error is DemoError.TooManyRequests or DemoError.Unavailable && backend.Faults.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        }

        return response;
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, string mediaType) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };

    private static async Task<JsonElement> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var json = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return json is "" ? default : JsonElement.Parse(json);
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind is JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    [LoggerMessage(
        LogLevel.Warning,
        "The demo backend refused a sign-in that did not come directly from this machine. For other clients, set Backend:Url."
    )]
    private partial void RefusedFarClient();
}
