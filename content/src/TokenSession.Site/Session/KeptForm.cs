using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// A form that was posted and not processed: the session had ended, the backend was down, or the page was outdated. The user gets the text
/// back and can send it again. Files and passwords are never kept, nor is a form that a page of another site sent.
/// </summary>
/// <param name="Address">The address that the form was posted to.</param>
/// <param name="User">The hash of the user whose page the form was on; empty for a guest.</param>
/// <param name="Fields">The text fields, in order. A name can occur several times.</param>
/// <param name="CanBeSent">False if a part is missing, because the form had files or passwords.</param>
public sealed partial record KeptForm(string Address, string User, IReadOnlyList<KeptField> Fields, bool CanBeSent)
{
    private const int MaxLength = 200_000;

    /// <summary>The form of this request; null if it has none that can be kept.</summary>
    /// <param name="context">The request.</param>
    /// <param name="address">The address that it was sent to.</param>
    public static async Task<KeptForm?> ReadAsync(HttpContext context, string? address)
    {
        var request = context.Request;
        if (
            address is null
            || !HttpMethods.IsPost(request.Method)
            || !request.HasFormContentType
            || request.ContentLength > MaxLength
            || !SameOriginFilter.NamesSender(request)
            || !SameOriginFilter.IsSameOrigin(request)
            || context.OriginalEndpoint()?.Metadata.GetMetadata<CredentialsRequestAttribute>() is not null
        )
        {
            return null;
        }

        try
        {
            var form = await request.ReadFormAsync(context.RequestAborted);
            var token = context.RequestServices.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.FormFieldName;
            var fields = form.Where(field => field.Key != token)
                .SelectMany(field => field.Value.Select(value => new KeptField(field.Key, value ?? "")))
                .ToList();
            var kept = fields.Where(field => !SecretName().IsMatch(field.Name)).ToList();
            return new(
                address,
                SameOriginAntiforgery.UserOf(form[token]),
                kept,
                CanBeSent: kept.Count == fields.Count && form.Files.Count is 0
            );
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    [GeneratedRegex("passw|passcode|secret|otp|cvc|cvv|(^|[^a-z])pin($|[^a-z])", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}

public sealed record KeptField(string Name, string Value);
