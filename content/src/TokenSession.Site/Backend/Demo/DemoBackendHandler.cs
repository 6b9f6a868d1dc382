using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Refit;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Replaces the network: the site's Refit clients call the demo backend like a real one, without a second port. It is used only in
/// Development, and signs in only clients on this machine.</summary>
public sealed partial class DemoBackendHandler(
    DemoBackend backend,
    IEnumerable<IDemoApi> apis,
    IHttpContextAccessor accessor,
    ILogger<DemoBackendHandler> logger
) : HttpMessageHandler
{
    /// <summary>A host name that cannot exist (RFC 2606). These calls never leave the process.</summary>
    public static readonly Uri Address = new("http://demo-backend.invalid");

    /// <summary>The path of the signed-in user: the one that <see cref="IBackendApi"/> calls.</summary>
    public static readonly string UserPath = typeof(IBackendApi)
        .GetMethod(nameof(IBackendApi.GetMeAsync))!
        .GetCustomAttribute<HttpMethodAttribute>()!
        .Path.Split('?')[0];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var faults = backend.Faults;

        // The gate is read before the call is counted: the code that waits for the count may then replace the gate.
        var (fault, gate) = (faults.Take(path), faults.Gate);
        backend.Arrived(path);

        await BreakConnectionAsync(fault, cancellationToken);
        var call = await ReadAsync(request, cancellationToken);

        // With phantoms, the token is validated before the delay, and the session changes after it.
        var recognised = faults.Phantoms && path is DemoAuthBackend.RefreshPath ? backend.Validate(call.RefreshToken ?? "") : null;
        await gate.WaitAsync(cancellationToken);
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
            _ => await WorkAsync(request, call, recognised, cancellationToken),
        };
        if (fault is DemoFault.DropAfterCommit)
        {
            backend.AnswerWasLost(call.RefreshToken);
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

    private async Task<HttpResponseMessage> WorkAsync(
        HttpRequestMessage request,
        DemoCall call,
        DemoSession? recognised,
        CancellationToken cancellationToken
    )
    {
        var path = request.RequestUri!.AbsolutePath;
        return (request.Method.Method, path) switch
        {
            ("POST", DemoAuthBackend.SignInPath) => Write(SignIn(call)),
            ("POST", DemoAuthBackend.RefreshPath) => Write(Refresh(call.RefreshToken, recognised)),
            ("POST", DemoAuthBackend.SignOutPath) => SignOut(call.RefreshToken),
            ("GET", _) when path == UserPath => Write(backend.Authenticate(request.Headers.Authorization?.Parameter)),
            _ => await AnswerOfApisAsync(request, cancellationToken) ?? Error(DemoError.NotFound),
        };
    }

    private async Task<HttpResponseMessage?> AnswerOfApisAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var api in apis)
        {
            if (await api.AnswerAsync(request, cancellationToken) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }

    private DemoResult SignIn(DemoCall call)
    {
        if (accessor.HttpContext is { } context && !LoopbackRequest.Matches(context))
        {
            RefusedFarClient();
            return DemoError.BadCredentials;
        }

        return call is { Email: { } email, Password: { } password }
            ? backend.SignIn(email, password, call.Otp, call.RecoveryCode)
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
            DemoTokens tokens => Answer(new DemoAnswer(tokens.AccessToken, tokens.RefreshToken, tokens.Lifetime.TotalSeconds)),
            DemoUser user => Answer(new BackendUser(user.Email, user.Email)),
            _ => Error(((DemoFailure)result).Error),
        };

    private HttpResponseMessage Error(DemoError error)
    {
        var status = error switch
        {
            DemoError.BadRequest or DemoError.TokenRejected => HttpStatusCode.BadRequest,
            DemoError.NotFound => HttpStatusCode.NotFound,
            DemoError.TooManyRequests => HttpStatusCode.TooManyRequests,
            DemoError.Unavailable => HttpStatusCode.ServiceUnavailable,
            _ => HttpStatusCode.Unauthorized,
        };
        var response = Answer(new DemoAnswer(Error: error), status);
        if (error is DemoError.TooManyRequests or DemoError.Unavailable && backend.Faults.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        }

        return response;
    }

    private static HttpResponseMessage Answer<T>(T body, HttpStatusCode status = HttpStatusCode.OK) =>
        Answer(status, JsonSerializer.Serialize(body, JsonSerializerOptions.Web), "application/json");

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, string mediaType) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };

    private static async Task<DemoCall> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri!.AbsolutePath is DemoAuthBackend.SignInPath or DemoAuthBackend.RefreshPath or DemoAuthBackend.SignOutPath
            ? await request.Content!.ReadFromJsonAsync<DemoCall>(cancellationToken) ?? new()
            : new();

    [LoggerMessage(
        LogLevel.Warning,
        "The demo backend refused a sign-in that did not come directly from this machine. For other clients, set Backend:Url."
    )]
    private partial void RefusedFarClient();
}
