namespace Template.Tests.Directus;

public sealed record DirectusUser(string Id, string Email, string Password);
