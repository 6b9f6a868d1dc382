using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>How the demo backend writes what it found: the same JSON and status codes as the real backend.</summary>
public interface IDemoWireFormat
{
    object Tokens(DemoTokens tokens);

    object User(DemoUser user);

    (HttpStatusCode Status, object Body) Error(DemoError error);
}
