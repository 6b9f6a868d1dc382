using System.Globalization;
using System.Text.Json;

namespace TokenSessionSite.Session;

/// <summary>Reads a JSON value that may have any type. Returns null if it does not have the expected type.</summary>
internal static class JsonElementExtensions
{
    /// <summary>Returns a string that is not empty.</summary>
    public static string? AsText(this JsonElement value)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, for example an emoji that was cut in two.
            return null;
        }
    }

    /// <summary>Returns a number, also from a string of digits such as <c>"900"</c>.</summary>
    public static double? AsNumber(this JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Number)
        {
            return value.GetDouble();
        }

        return double.TryParse(value.AsText(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
