using System.Net;
using System.Text;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Backend;

/// <summary>Sends the address and the user agent of the current request's client, if <see cref="BackendOptions.ForwardClientAddress"/> is
/// true. A call outside a request sends neither.</summary>
public sealed class ClientAddressHandler(IHttpContextAccessor accessor, IOptions<BackendOptions> options) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (options.Value.ForwardClientAddress && accessor.HttpContext is { } context)
        {
            Set(request, "X-Forwarded-For", Format(context.Connection.RemoteIpAddress));
            Set(request, "User-Agent", context.Request.Headers.UserAgent.ToString());
        }

        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>An IPv4 address that arrived at an IPv6 socket is written as IPv4.</summary>
    private static string? Format(IPAddress? address) =>
        (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();

    private static void Set(HttpRequestMessage request, string name, string? value)
    {
        request.Headers.Remove(name);

        // HttpClient does not send other characters.
        if (!string.IsNullOrEmpty(value) && Ascii.IsValid(value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
