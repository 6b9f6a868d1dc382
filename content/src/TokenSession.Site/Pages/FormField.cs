namespace TokenSessionSite.Pages;

/// <summary>A field of a form, as the partial view <c>_Field</c> shows it.</summary>
/// <param name="Name">The name in the form, and the id.</param>
/// <param name="Label">The text above the field.</param>
/// <param name="Type">The type of the input: <c>text</c>, <c>email</c> or <c>password</c>.</param>
/// <param name="Autocomplete">What a password manager fills in (HTML, 4.10.18.7), such as <c>new-password</c>.</param>
/// <param name="MaxLength">The maximum length in characters.</param>
public sealed record FormField(string Name, string Label, string Type, string Autocomplete, int MaxLength)
{
    public string? Value { get; init; }

    /// <summary>A sentence below the field. Default: none.</summary>
    public string? Hint { get; init; }

    /// <summary>The keyboard that a phone shows: <c>numeric</c>; null: letters. Default: null.</summary>
    public string? InputMode { get; init; }

    /// <summary>Whether this field is for a one-time code.</summary>
    public bool IsCode => Autocomplete is "one-time-code";
}
