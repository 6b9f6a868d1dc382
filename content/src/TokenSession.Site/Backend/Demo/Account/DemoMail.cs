namespace TokenSessionSite.Backend.Demo.Account;

/// <summary>A mail of the demo backend. The page <c>/dev/mail</c> shows it.</summary>
public sealed record DemoMail(string To, string Subject, string Link, DateTimeOffset SentAt)
{
    /// <summary>The link without the host, for a browser that already shows this site.</summary>
    public string Path => new Uri(Link).PathAndQuery;

    /// <summary>Contains no token.</summary>
    public override string ToString() => "a mail";
}
