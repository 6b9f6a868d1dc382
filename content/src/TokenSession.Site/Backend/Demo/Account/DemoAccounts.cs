using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend.Demo.Account;

/// <summary>
/// The accounts of the demo backend: links in mails, registration, changes, two factors. It is as strict as Directus: a link works once, and a
/// change of the password or the address ends all sessions of the user. The mails are in <see cref="Mails"/>.
/// </summary>
public sealed class DemoAccounts(DemoBackend backend, IHttpContextAccessor accessor, TimeProvider time) : IDemoApi
{
    public const string Path = "/account/",
        PasswordRule = "The password must have at least 8 characters.";

    private const int MinPasswordLength = 8,
        RecoveryCodeCount = 5;

    private static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DemoLink> links = [];
    private readonly ConcurrentStack<DemoMail> mails = [];

    /// <summary>The mails so far. The newest is first.</summary>
    public IEnumerable<DemoMail> Mails => mails;

    /// <summary>Whether visitors can register. Default true.</summary>
    public bool AllowsRegistration { get; set; } = true;

    /// <summary>The users who must set up a second factor. Default: none.</summary>
    public HashSet<string> MustHaveTwoFactor { get; } = new(StringComparer.OrdinalIgnoreCase);

    public async Task<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (!path.StartsWith(Path, StringComparison.Ordinal))
        {
            return null;
        }

        var isFar = accessor.HttpContext is { } context && !LoopbackRequest.Matches(context);
        var call = request.Content is { } body ? (await body.ReadFromJsonAsync<DemoAccountCall>(cancellationToken))! : new();
        var answer = isFar ? new(DemoAccountError.NotOffered) : Answer(path[Path.Length..], call, request.Headers.Authorization?.Parameter);
        return new(answer.Error is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest) { Content = JsonContent.Create(answer) };
    }

    /// <summary>Sends an invitation, as an administrator would.</summary>
    public void Invite(string email, Uri page)
    {
        lock (gate)
        {
            Send(email, "You are invited", page, new(DemoLinkPurpose.Invitation, email));
        }
    }

    private DemoAccountAnswer Answer(string task, DemoAccountCall call, string? accessToken)
    {
        lock (gate)
        {
            return task switch
            {
                "request-reset" => RequestReset(call.Email!, call.Page!),
                "reset" => Use(DemoLinkPurpose.Reset, call, link => SetPassword(link.Email, call.Password!)),
                "register" => Register(call.Email!, call.Password!, call.Page!),
                "confirm" => Confirm(call),
                "accept" => Use(
                    DemoLinkPurpose.Invitation,
                    call,
                    link => backend.Find(link.Email) is null ? SetPassword(link.Email, call.Password!) : new(DemoAccountError.LinkInvalid)
                ),
                _ => backend.Authenticate(accessToken) is DemoUser user ? AnswerTo(user, task, call) : new(DemoAccountError.NotSignedIn),
            };
        }
    }

    private DemoAccountAnswer AnswerTo(DemoUser user, string task, DemoAccountCall call) =>
        task switch
        {
            "status" => new()
            {
                Email = user.Email,
                HasTwoFactor = user.Accepts is not null,
                RecoveryCodesLeft = user.RecoveryCodes?.Count,
            },
            "password" => SetPassword(user.Email, call.Password!),
            "email" => ChangeEmail(user, call.Email!, call.Page!),
            "start-two-factor" => user.Accepts is null ? new() { Secret = DemoTotp.NewSecret() } : new(DemoAccountError.NotOffered),
            "enable-two-factor" => EnableTwoFactor(user, call.Secret!, call.Code ?? ""),
            "disable-two-factor" => DisableTwoFactor(user),
            _ => new(DemoAccountError.NotOffered),
        };

    private DemoAccountAnswer RequestReset(string email, Uri page)
    {
        if (backend.Find(email) is { } user)
        {
            Send(user.Email, "Choose another password", page, new(DemoLinkPurpose.Reset, user.Email));
        }

        return new();
    }

    private DemoAccountAnswer Register(string email, string password, Uri page)
    {
        if (!AllowsRegistration || password.Length < MinPasswordLength)
        {
            return new(AllowsRegistration ? DemoAccountError.PasswordRefused : DemoAccountError.NotOffered);
        }

        if (backend.Find(email) is null)
        {
            Send(email, "Confirm your e-mail address", page, new(DemoLinkPurpose.Confirmation, email, new(email, password)));
        }

        return new();
    }

    private DemoAccountAnswer Confirm(DemoAccountCall call) =>
        Use(
            DemoLinkPurpose.Confirmation,
            call,
            link =>
            {
                var before = backend.Find(link.Email);
                if (backend.Find(link.User!.Email) is not null || (link.Email != link.User.Email && before is null))
                {
                    return new(DemoAccountError.LinkInvalid);
                }

                if (before is null)
                {
                    backend.Save(link.User);
                    return new() { Email = link.User.Email };
                }

                // The password may have changed since the mail was sent.
                backend.Remove(link.Email);
                backend.Save(before with { Email = link.User.Email });
                backend.RevokeSessionsOf(link.Email);
                return new() { Email = link.User.Email, EndedSessions = true };
            }
        );

    private DemoAccountAnswer ChangeEmail(DemoUser user, string email, Uri page)
    {
        if (backend.Find(email) is not null)
        {
            return new(DemoAccountError.EmailRefused);
        }

        Send(email, "Confirm your new e-mail address", page, new(DemoLinkPurpose.Confirmation, user.Email, user with { Email = email }));
        return new();
    }

    private DemoAccountAnswer SetPassword(string email, string password)
    {
        if (password.Length < MinPasswordLength)
        {
            return new(DemoAccountError.PasswordRefused);
        }

        backend.Save((backend.Find(email) ?? new(email, password)) with { Password = password });
        backend.RevokeSessionsOf(email);
        return new() { Email = email, EndedSessions = true };
    }

    private DemoAccountAnswer EnableTwoFactor(DemoUser user, string secret, string code)
    {
        if (!DemoTotp.Accepts(secret, code, time.GetUtcNow()))
        {
            return new(DemoAccountError.CodeRefused);
        }

        string[] codes =
        [
            .. Enumerable.Range(0, RecoveryCodeCount).Select(_ => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ", 10)),
        ];
        backend.Save(user with { Accepts = code => DemoTotp.Accepts(secret, code, time.GetUtcNow()), RecoveryCodes = codes });
        MustHaveTwoFactor.Remove(user.Email);
        return new() { RecoveryCodes = codes };
    }

    private DemoAccountAnswer DisableTwoFactor(DemoUser user)
    {
        backend.Save(user with { Accepts = null, RecoveryCodes = null });
        return new();
    }

    private DemoAccountAnswer Use(DemoLinkPurpose purpose, DemoAccountCall call, Func<DemoLink, DemoAccountAnswer> use)
    {
        if (!links.TryGetValue(call.Token!, out var link) || link.Purpose != purpose || time.GetUtcNow() - link.SentAt > LinkLifetime)
        {
            return new(DemoAccountError.LinkInvalid);
        }

        var answer = use(link);
        if (answer.Error is null)
        {
            links.Remove(call.Token!);
        }

        return answer;
    }

    private void Send(string to, string subject, Uri page, DemoLink link)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        links[token] = link with { SentAt = time.GetUtcNow() };
        mails.Push(new(to, subject, QueryHelpers.AddQueryString(page.AbsoluteUri, "token", token), time.GetUtcNow()));
    }

    /// <param name="User">The account after the confirmation.</param>
    private sealed record DemoLink(DemoLinkPurpose Purpose, string Email, DemoUser? User = null, DateTimeOffset SentAt = default);

    private enum DemoLinkPurpose
    {
        Reset,
        Confirmation,
        Invitation,
    }
}

/// <summary>The body of a call.</summary>
public sealed record DemoAccountCall(
    string? Email = null,
    string? Password = null,
    string? Token = null,
    string? Secret = null,
    string? Code = null,
    Uri? Page = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a call";
}

/// <summary>The body of an answer.</summary>
public sealed record DemoAccountAnswer(DemoAccountError? Error = null)
{
    public string? Email { get; init; }

    public bool EndedSessions { get; init; }

    public bool HasTwoFactor { get; init; }

    public int? RecoveryCodesLeft { get; init; }

    public string? Secret { get; init; }

    public IReadOnlyList<string> RecoveryCodes { get; init; } = [];

    /// <summary>Contains no secret.</summary>
    public override string ToString() => "an answer";
}

public enum DemoAccountError
{
    NotOffered,
    NotSignedIn,
    LinkInvalid,
    EmailRefused,
    PasswordRefused,
    CodeRefused,
}
