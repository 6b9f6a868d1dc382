using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>
/// A form that was posted and not processed, because the session had ended, the backend could not be reached, or the page had an error. The
/// user sees the text again and can send it. Files, passwords and codes are not kept, and neither are forms from pages of other sites.
/// </summary>
/// <param name="Address">The address that the form was posted to.</param>
/// <param name="User">The hash of the user who sent it; empty for a guest.</param>
/// <param name="Fields">The text fields, in order, and the hidden field of antiforgery for that user. A name can occur several times.</param>
/// <param name="CanBeSent">False if a part is missing, because the form had files or passwords.</param>
public sealed partial record KeptForm(string Address, string User, IReadOnlyList<KeptField> Fields, bool CanBeSent)
{
    private const int MaxLength = 200_000;

    /// <summary>Whether a request sends this form, either to its address or to the page that shows the form and passes it on.</summary>
    public bool IsSentBy(KeptForm request) =>
        Fields.SequenceEqual(request.Fields)
        && (
            request.Address == Address
            || request.Address.EndsWith(QueryString.Create(ReturnUrl.Parameter, Address).ToUriComponent(), StringComparison.Ordinal)
        );

    /// <summary>Reads the form of this request; null if it has no form that can be kept.</summary>
    /// <param name="context">The request.</param>
    /// <param name="address">The address to which the form was sent.</param>
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
            var kept = fields.Where(field => !IsSecret(field.Name)).ToList();
            var user = form.ContainsKey(token) ? SameOriginAntiforgery.UserOf(form[token]) : UserOf(context.GetTokenSession());
            return new(
                address,
                user,
                [.. kept, new(token, SameOriginAntiforgery.FieldFor(user))],
                CanBeSent: kept.Count == fields.Count && form.Files.Count is 0
            );
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>A form without the hidden field belongs to the user of the session, even if the session has ended.</summary>
    private static string UserOf(CurrentSession session) =>
        session.Presented is { } ticket ? SessionPrincipal.UserHash(ticket) : session.UserHash;

    private static bool IsSecret(string name) => SecretName().IsMatch(WordBoundary().Replace(name, " "));

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")]
    private static partial Regex WordBoundary();

    [GeneratedRegex(
        @"passw|passphrase|passcode|\b(pass|pwd|pin|otp|totp|secret|cvc|cvv)\b|\b(recovery|verification|security) code\b|^(input )?code$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex SecretName();
}

public sealed record KeptField(string Name, string Value);
