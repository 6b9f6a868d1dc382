namespace TokenSessionSite.Backend;

/// <summary>The signed-in user. A property is null if the backend does not send it.</summary>
public sealed record BackendUser(string? Id, string? Email);
