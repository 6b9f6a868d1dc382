namespace Template.Tests.Directus;

public sealed record DirectusTokens(string AccessToken, string RefreshToken);
