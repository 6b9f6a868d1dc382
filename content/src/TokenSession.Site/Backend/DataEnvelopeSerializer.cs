using System.Reflection;
using System.Text.Json;
using Refit;

namespace TokenSessionSite.Backend;

/// <summary>
/// JSON that may come in an envelope: <c>{ "data": ... }</c> and the bare value read the same, so that an interface names what it wants
/// and not how it is wrapped. A type that has a <c>Data</c> of its own (to read what stands beside it, say) is left as it is.
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
