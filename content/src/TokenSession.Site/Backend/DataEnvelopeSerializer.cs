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

    public async Task<T?> FromHttpContentAsync<T>(HttpContent content, CancellationToken cancellationToken = default)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        var root = document.RootElement;
        var isEnvelope =
            root.ValueKind is JsonValueKind.Object && root.TryGetProperty("data", out root) && typeof(T).GetProperty("Data") is null;
        return (isEnvelope ? root : document.RootElement).Deserialize<T>(Json);
    }

    public string? GetFieldNameForProperty(PropertyInfo propertyInfo) => plain.GetFieldNameForProperty(propertyInfo);
}
