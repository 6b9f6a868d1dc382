using System.Net;

namespace TokenSessionSite.Backend.Demo;

/// <summary>Writes the results of the demo backend with the JSON and the status codes of the real backend.</summary>
public interface IDemoWireFormat
{
    object Tokens(DemoTokens tokens);

    object User(DemoUser user);

    (HttpStatusCode Status, object Body) Error(DemoError error);
}
