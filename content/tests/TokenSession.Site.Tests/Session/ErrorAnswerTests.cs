using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Refit;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>How the site reports an error of an endpoint or of the backend: a page for a person, problem details for a script.</summary>
public sealed class ErrorAnswerTests
{
    [Theory]
    [
        InlineData("GET", "/api/absent", HttpStatusCode.NotFound, "Page not found"),
        InlineData("DELETE", "/api/absent", HttpStatusCode.MethodNotAllowed, "That did not work"),
        InlineData("POST", "/api/absent", HttpStatusCode.MethodNotAllowed, "That did not work"),
        InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "Page not found")
    ]
    public async Task An_error_without_a_body_is_a_page_for_a_person_and_problem_details_for_a_script(
        string method,
        string path,
        HttpStatusCode status,
        string title
    )
    {
        await using var site = NewSite();
        foreach (var browser in new[] { site.NewBrowser(), await site.NewSignedInBrowserAsync() })
        {
            var script = await browser.SendAsync(new(new HttpMethod(method), path), [("Accept", "application/json")]);
            script.ShouldBe(status);
            Assert.Equal("application/problem+json", script.Content.Headers.ContentType?.MediaType);
            Assert.Contains($"\"status\":{(int)status}", await script.Content.ReadAsStringAsync(), StringComparison.Ordinal);

            var person = await browser.SendAsync(new(new HttpMethod(method), path), [("Accept", "text/html")]);
            person.ShouldBe(status);
            Assert.Equal("text/html", person.Content.Headers.ContentType?.MediaType);
            Assert.Contains($"<h1>{title}</h1>", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [
        InlineData(DemoFault.Unavailable),
        InlineData(DemoFault.TooManyRequests),
        InlineData(DemoFault.Refused),
        InlineData(DemoFault.Reset),
        InlineData(DemoFault.Html)
    ]
    public async Task An_endpoint_whose_backend_call_fails_is_503_and_says_when_to_try_again(DemoFault fault)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.Backend.Faults.Break(fault, path: DemoBackendHandler.UserPath);

        foreach (var (accept, mediaType) in new[] { ("application/json", "application/problem+json"), ("text/html", "text/html") })
        {
            var asked = browser.GetAsync("/tests/account", ("Accept", accept));
            await site.AdvanceUntilAsync(asked, atMost: TimeSpan.FromSeconds(12));
            var answer = await asked;
            answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal(mediaType, answer.Content.Headers.ContentType?.MediaType);
        }

        site.Backend.Faults.Clear();
        site.Time.Advance(TimeSpan.FromSeconds(2));
        (await browser.GetAsync("/tests/account")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [
        InlineData("/tests/account", "application/json", "application/problem+json"),
        InlineData("/tests/account", "text/html", "text/html"),
        InlineData("/app", "text/html", "text/html")
    ]
    public Task A_request_that_the_backend_finds_wrong_is_an_error_of_the_site_and_no_outage(
        string path,
        string accept,
        string mediaType
    ) => AssertErrorOfTheSiteAsync(HttpStatusCode.UnprocessableEntity, path, accept, mediaType);

    [Fact]
    public Task An_answer_that_does_not_fit_its_type_is_an_error_of_the_site_and_no_outage() =>
        AssertErrorOfTheSiteAsync(HttpStatusCode.OK, "/app", "text/html", "text/html");

    private static async Task AssertErrorOfTheSiteAsync(HttpStatusCode status, string path, string accept, string mediaType)
    {
        await using var site = NewSite(TestSite.InProduction()).With(services => Answer(services, status));
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        var answer = await browser.GetAsync(path, ("Accept", accept));

        answer.ShouldBe(HttpStatusCode.InternalServerError);
        Assert.Equal(1, site.TicketOf(browser)!.Generation);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Equal(mediaType, answer.Content.Headers.ContentType?.MediaType);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("The backend cannot be reached", body, StringComparison.Ordinal);
        Assert.DoesNotContain("of the backend's making", body, StringComparison.Ordinal);
        Assert.Contains(site.Log.Entries, entry => entry.Level is LogLevel.Error && entry.Exception is ApiException);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "Page not found"), InlineData(HttpStatusCode.Forbidden, "Not allowed")]
    public async Task What_the_backend_does_not_have_or_allow_stays_404_or_403(HttpStatusCode status, string title)
    {
        await using var site = NewSite(TestSite.InProduction()).With(services => Answer(services, status));
        var browser = await site.NewSignedInBrowserAsync();
        foreach (var path in new[] { "/tests/account", "/app" })
        {
            var script = await browser.GetAsync(path, ("Accept", "application/json"));
            script.ShouldBe(status);
            Assert.Equal("application/problem+json", script.Content.Headers.ContentType?.MediaType);

            var person = await browser.GetAsync(path, ("Accept", "text/html"));
            person.ShouldBe(status);
            Assert.Contains($"<h1>{title}</h1>", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [
        InlineData(HttpStatusCode.BadRequest, "application/json", false),
        InlineData(HttpStatusCode.Conflict, "text/html", false),
        InlineData(HttpStatusCode.UnprocessableEntity, "application/json", true),
        InlineData(HttpStatusCode.UnprocessableEntity, "text/html", true)
    ]
    public async Task A_refusal_that_an_endpoint_does_not_handle_is_logged_once_and_names_the_call(
        HttpStatusCode status,
        string accept,
        bool isProduction
    )
    {
        var backend = new ItemsBackend
        {
            Answer = (_, _) => Task.FromResult(ItemsBackend.Json(status, new { title = "no" }, "application/problem+json")),
        };
        await using var site = backend.NewSite(isProduction ? TestSite.InProduction() : null);
        var browser = await site.NewSignedInBrowserAsync();

        var answer = await browser.PostAsync("/item", headers: ("Accept", accept));

        answer.ShouldBe(HttpStatusCode.InternalServerError);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Equal(accept is "text/html" ? "text/html" : "application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var entry = Assert.Single(site.Log.OfTheSite, entry => entry.Level >= LogLevel.Warning);
        Assert.Equal(LogLevel.Error, entry.Level);
        Assert.StartsWith(
            $"The backend answered {(int)status} to POST /items, and HTTP: POST /item did not handle that.",
            entry.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("of-the-query", $"{entry.Message} {entry.Exception}", StringComparison.Ordinal);
        Assert.Null(Assert.IsType<ValidationApiException>(entry.Exception).RequestMessage.Headers.Authorization);
    }

    [Fact]
    public async Task A_refusal_reaches_the_caller_with_its_problem_details()
    {
        var backend = new ItemsBackend
        {
            Answer = (_, _) =>
                Task.FromResult(
                    ItemsBackend.Json(
                        HttpStatusCode.UnprocessableEntity,
                        new { title = "Not valid", errors = new { name = new[] { "too short" } } },
                        "application/problem+json"
                    )
                ),
        };
        await using var site = backend
            .NewSite()
            .WithEndpoints(endpoints =>
            {
                endpoints.MapGet("/thrown", async (IItemsApi api) => await Caught(api)).RequireAuthorization();
                endpoints
                    .MapGet(
                        "/returned",
                        async (IItemsApi api) =>
                        {
                            using var response = await api.TryGetAsync();
                            return Describe(response.Error as ValidationApiException);
                        }
                    )
                    .RequireAuthorization();
            });
        var browser = await site.NewSignedInBrowserAsync();

        foreach (var path in new[] { "/thrown", "/returned" })
        {
            Assert.Equal("422 Not valid: too short", await (await browser.GetAsync(path)).Content.ReadAsStringAsync());
        }

        Assert.DoesNotContain(site.Log.OfTheSite, entry => entry.Level >= LogLevel.Warning);

        static async Task<string> Caught(IItemsApi api)
        {
            try
            {
                await api.AddAsync(new("x"));
                return "accepted";
            }
            catch (ValidationApiException refusal)
            {
                return Describe(refusal);
            }
        }

        static string Describe(ValidationApiException? refusal) =>
            $"{(int?)refusal?.StatusCode} {refusal?.Content?.Title}: {refusal?.Content?.Errors["name"].Single()}";
    }

    public static TheoryData<string, string> Outages =>
        [
            .. from method in new[] { "GET", "POST", "DELETE" }
            from outage in new[] { "no connection", "502", "302", "html", "cut off", "timeout of a call" }
            where method is not "DELETE" || outage is not ("html" or "cut off")
            select (method, outage),
        ];

    [Theory, MemberData(nameof(Outages))]
    public async Task An_answer_that_makes_no_sense_is_an_outage(string method, string outage)
    {
        var backend = new ItemsBackend();
        await using var site = backend.NewSite().With("Backend:DataRetries", "0");
        var browser = await site.NewSignedInBrowserAsync();
        backend.Answer = (_, _) =>
            Task.FromResult(
                outage switch
                {
                    "no connection" => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
                    "timeout of a call" => throw new TaskCanceledException(),
                    "302" => new(HttpStatusCode.Redirect) { Headers = { Location = new("/login", UriKind.Relative) } },
                    "502" => new(HttpStatusCode.BadGateway),
                    "html" => new(HttpStatusCode.OK) { Content = new StringContent("<html>", Encoding.UTF8, "text/html") },
                    _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new CutOffContent() },
                }
            );

        var answer = await browser.SendAsync(new(new HttpMethod(method), "/item"), [("Accept", "text/html")]);

        answer.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Contains("<h1>Try again in a moment</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(
            site.Log.Entries,
            entry => entry.Level >= LogLevel.Warning && !entry.Category.StartsWith("Polly", StringComparison.Ordinal)
        );
    }

    /// <summary>JSON in the middle of which the connection breaks.</summary>
    private sealed class CutOffContent : HttpContent
    {
        public CutOffContent() => Headers.ContentType = new("application/json");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{\"name\":"u8.ToArray());
            throw new HttpIOException(HttpRequestError.ResponseEnded, "cut off");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static TestSite NewSite(TestSite? site = null) =>
        (site ?? new TestSite()).WithEndpoints(endpoints =>
        {
            endpoints.MapGet("/api/absent", () => Results.NotFound());
            endpoints.MapGet("/tests/account", (IBackendApi api) => api.GetMeAsync()).RequireAuthorization();
        });

    /// <summary>Gives the same answer to all data calls. Sign-in and refresh work.</summary>
    private static void Answer(IServiceCollection services, HttpStatusCode status) =>
        services.PostConfigureAll<HttpClientFactoryOptions>(client =>
            client.HttpMessageHandlerBuilderActions.Add(builder => builder.AdditionalHandlers.Add(new Answering(status)))
        );

    private sealed class Answering(HttpStatusCode status) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath == DemoBackendHandler.UserPath
                ? Task.FromResult(
                    new HttpResponseMessage(status)
                    {
                        RequestMessage = request,
                        Content = JsonContent.Create(new[] { "of the backend's making" }),
                    }
                )
                : base.SendAsync(request, cancellationToken);
    }
}
