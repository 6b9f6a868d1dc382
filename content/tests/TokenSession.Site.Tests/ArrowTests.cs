using System.Reflection;
using System.Runtime.CompilerServices;
using Tests.Infrastructure;

namespace Tests;

/// <summary>The allowed references: pages refer to the backend and to the session, the backend refers to the session, and the session to
/// neither.</summary>
public sealed class ArrowTests
{
    private static readonly string Session = typeof(SessionService).Namespace!,
        Backend = typeof(IBackendApi).Namespace!,
        Pages = Session[..Session.LastIndexOf('.')] + ".Pages";

    [Fact]
    public void The_session_refers_neither_to_the_backend_nor_to_pages()
    {
        Assert.Empty(ArrowsFrom(Session, to: Backend));
        Assert.Empty(ArrowsFrom(Session, to: Pages));
    }

    [Fact]
    public void The_backend_does_not_refer_to_pages() => Assert.Empty(ArrowsFrom(Backend, to: Pages));

    [Fact]
    public void Arrows_that_exist_are_found()
    {
        Assert.NotEmpty(ArrowsFrom(Backend, to: Session));
        Assert.NotEmpty(ArrowsFrom(Pages, to: Session));
        Assert.NotEmpty(ArrowsFrom(Pages, to: Backend));

        // Uses a type in each place where a type can occur.
        string[] found = [.. TypeReferences.Of(typeof(Sample<>)).Select(type => type.Name).Distinct()];
        Type[] expected =
        [
            typeof(SessionState),
            typeof(RejectionReason),
            typeof(SessionTokens),
            typeof(IAuthBackend),
            typeof(TokenFamily),
            typeof(JwtPayload),
            typeof(SessionClock),
            typeof(AuthResult),
            typeof(SessionMetrics),
            typeof(ReturnUrl),
            typeof(SessionEndpointAttribute),
        ];
        Assert.Superset(expected.Select(type => type.Name).ToHashSet(), found.ToHashSet());
    }

    private static string[] ArrowsFrom(string source, string to) =>
        [
            .. from type in typeof(SessionService).Assembly.GetTypes()
            where IsIn(type, source)
            from target in TypeReferences.Of(type)
            where IsIn(target, to)
            select $"{type} refers to {target}",
        ];

    private static bool IsIn(Type type, string name) =>
        type.Namespace == name || type.Namespace?.StartsWith(name + ".", StringComparison.Ordinal) is true;

    [SessionEndpoint]
    private sealed class Sample<T> : List<SessionState>
        where T : IAuthBackend
    {
        private readonly RejectionReason field = RejectionReason.TooManyAttempts;

        public TokenFamily? Property { get; set; }

        public SessionTokens[]? Method(JwtPayload parameter) => field is 0 ? null : (SessionTokens[])(object)parameter;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static object Body(object value)
        {
            Func<object> closure = () => value is SessionClock;
            Console.Write(ReturnUrl.Local("/", "/"));
            Console.Write(AuthResult.FromNetworkFailure(new IOException()));
            return (closure, typeof(SessionMetrics));
        }
    }
}
