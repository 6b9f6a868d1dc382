namespace TokenSessionSite.Session;

/// <summary>What the backend said about the user, in addition to the tokens. The ticket keeps it, and <see cref="SessionPrincipal"/>
/// creates claims from it, because opaque access tokens contain no claims.</summary>
/// <param name="Id">Identifies the user at the backend. It must not change during a session.</param>
/// <param name="Name">The name or e-mail address to show.</param>
/// <param name="Roles">The roles for <c>[Authorize(Roles = ...)]</c>.</param>
public sealed record UserProfile(string? Id = null, string? Name = null, params string[] Roles)
{
    internal static UserProfile? Read(BinaryReader reader) =>
        reader.ReadBoolean()
            ? new(
                ReadText(reader),
                ReadText(reader),
                [.. Enumerable.Range(0, reader.Read7BitEncodedInt()).Select(_ => reader.ReadString())]
            )
            : null;

    private static string? ReadText(BinaryReader reader) => reader.ReadString() is { Length: > 0 } text ? text : null;
}

internal static class UserProfileExtensions
{
    /// <summary>Writes what <see cref="UserProfile.Read"/> reads.</summary>
    public static void Write(this UserProfile? user, BinaryWriter writer)
    {
        writer.Write(user is not null);
        if (user is not null)
        {
            writer.Write(user.Id ?? "");
            writer.Write(user.Name ?? "");
            writer.Write7BitEncodedInt(user.Roles.Length);
            Array.ForEach(user.Roles, writer.Write);
        }
    }
}
