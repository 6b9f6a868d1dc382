using System.Reflection;
using System.Text.Json;
using Refit;

namespace TokenSessionSite.Backend;

/// <summary>
/// Reads JSON with or without an envelope: <c>{ "data": ... }</c> and the bare value give the same result, so an interface declares only
/// the type of the value. If the type has a property <c>Data</c>, for example to read the fields beside it, the envelope is not removed.
/// </summary>
public sealed class DataEnvelopeSerializer : IHttpContentSerializer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly SystemTextJsonContentSerializer plain = new(Json);

    public HttpContent ToHttpContent<T>(T item) => plain.ToHttpContent(item);

    /// <summary>Reads the body. An empty body becomes null, as a 204 does in Refit.</summary>
    public async Task<T?> FromHttpContentAsync<T>(HttpContent content, CancellationToken cancellationToken = default)
    {
        // JSON is UTF-8 (RFC 8259, 8.1), even if the backend names another charset. The reader skips a byte order mark.
        using var reader = new StreamReader(await content.ReadAsStreamAsync(cancellationToken));
        var body = await reader.ReadToEndAsync(cancellationToken);
        if (string.IsNullOrWhiteSpace(body) && default(T) is null)
        {
            return default;
        }

        var root = JsonElement.Parse(body);
        var isEnvelope = root.ValueKind is JsonValueKind.Object && typeof(T).GetProperty("Data") is null;
        return (isEnvelope && root.TryGetProperty("data", out var data) ? data : root).Deserialize<T>(Json);
    }

    public string? GetFieldNameForProperty(PropertyInfo propertyInfo) => plain.GetFieldNameForProperty(propertyInfo);
}
