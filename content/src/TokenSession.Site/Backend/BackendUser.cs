namespace TokenSessionSite.Backend;

/// <summary>The signed-in user, as the backend knows them. What the backend does not tell is null.</summary>
public sealed record BackendUser(string? Id, string? Email);
