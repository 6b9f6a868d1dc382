using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EndToEnd.Pages;
using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>Files of the backend that only a signed-in user may see, and how a browser shows, plays and saves them.</summary>
public sealed class FileTests(BrowserFixture browser)
{
    [Fact]
    public Task Pictures_are_shown_also_in_a_tab_of_their_own() =>
        VisitAsync(async visit =>
        {
            // The sandbox of a file stops the script with which the tests control the clock.
            visit.AllowMessage("Blocked script execution in ");
            var tab = (await visit.SignInAsync()).Tab;

            foreach (var picture in new[] { "picture.png", "picture.svg" })
            {
                Assert.Equal(
                    3,
                    await tab.EvaluateAsync<int>(
                        """
                        path => new Promise(done => {
                          const image = new Image();
                          image.onload = () => done(image.naturalWidth);
                          image.onerror = () => done(0);
                          image.src = path;
                        })
                        """,
                        "/api/backend/assets/" + picture
                    )
                );
            }

            await tab.GotoAsync("/api/backend/assets/picture.png");
            Assert.Equal(3, await tab.EvaluateAsync<int>("() => document.images[0].naturalWidth"));
            Assert.Equal("null", await tab.EvaluateAsync<string>("() => origin"));
        });

    [Theory, InlineData("audio"), InlineData("video")]
    public Task Media_play_from_the_position_that_the_user_chooses(string element) =>
        VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;

            var position = await tab.EvaluateAsync<double>(
                """
                element => new Promise(done => {
                  const media = document.createElement(element);
                  media.onloadedmetadata = () => { media.currentTime = 90; };
                  media.onseeked = () => done(media.currentTime);
                  media.onerror = () => done(-1);
                  media.src = '/api/backend/assets/sound.wav';
                  media.load();
                })
                """,
                element
            );

            Assert.Equal(90, position);
            Assert.True(visit.Count("GET /api/backend/assets/sound.wav") > 1, "The whole file was sent at once.");
        });

    [Theory]
    [
        InlineData("report.pdf", "report.pdf"),
        InlineData("page.html", "page.html"),
        InlineData("picture.svg", "picture.svg"),
        InlineData("named", "the name.txt")
    ]
    public Task Other_files_are_saved(string file, string name) =>
        VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            foreach (var attribute in new[] { "", "download" })
            {
                await tab.EvaluateAsync(
                    "([path, attribute]) => document.body.insertAdjacentHTML('beforeend', `<a class=file href='${path}' ${attribute}>file</a>`)",
                    new[] { "/api/backend/assets/" + file, attribute }
                );

                var download = await tab.RunAndWaitForDownloadAsync(() => tab.Locator("a.file").Last.ClickAsync());

                Assert.Equal(name, download.SuggestedFilename);
                Assert.Null(await download.FailureAsync());
                Assert.EndsWith("/app", tab.Url, StringComparison.Ordinal);
            }
        });

    private async Task VisitAsync(Func<Visit, Task> test)
    {
        await using var site = new TestSite(settings: [("Backend:FilePrefixes:0", "/assets")]);
        await browser.VisitAsync(site, test);
    }

    /// <summary>The files of the backend, for calls with an access token.</summary>
    internal sealed class Backend : DelegatingHandler
    {
        private static readonly byte[] Picture = Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGPgjw6DIAY4CwAragSBgxN8owAAAABJRU5ErkJggg=="
        );

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (!path.StartsWith("/assets/", StringComparison.Ordinal))
            {
                return await base.SendAsync(request, cancellationToken);
            }

            if (request.Headers.Authorization is not { Scheme: "Bearer" })
            {
                return new(HttpStatusCode.Forbidden);
            }

            var (mediaType, bytes) = path["/assets/".Length..] switch
            {
                "picture.png" => ("image/png", Picture),
                "picture.svg" => (
                    "image/svg+xml",
                    Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'><script>alert(1)</script></svg>")
                ),
                "sound.wav" => ("audio/wav", Silence(seconds: 100)),
                "page.html" => ("text/html", Encoding.UTF8.GetBytes("<script>alert(1)</script>")),
                "report.pdf" => ("application/pdf", Encoding.UTF8.GetBytes("%PDF-1.4")),
                _ => ("text/plain", Encoding.UTF8.GetBytes("a text")),
            };
            var response = Answer(request.Headers.Range, bytes);
            response.Content.Headers.ContentType = new(mediaType);
            if (path.EndsWith("/named", StringComparison.Ordinal))
            {
                response.Content.Headers.ContentDisposition = new("inline") { FileName = "\"the name.txt\"" };
            }

            return response;
        }

        private static HttpResponseMessage Answer(RangeHeaderValue? range, byte[] file)
        {
            if (range?.Ranges.Single().From is not { } from)
            {
                return new() { Content = new ByteArrayContent(file), Headers = { { "Accept-Ranges", "bytes" } } };
            }

            var to = Math.Min(range.Ranges.Single().To ?? long.MaxValue, Math.Min(from + 100_000, file.Length - 1));
            return new(HttpStatusCode.PartialContent)
            {
                Content = new ByteArrayContent(file[(int)from..((int)to + 1)])
                {
                    Headers = { ContentRange = new ContentRangeHeaderValue(from, to, file.Length) },
                },
            };
        }

        /// <summary>A sound in the format WAV: 8,000 samples a second of one byte.</summary>
        private static byte[] Silence(int seconds)
        {
            using var file = new MemoryStream();
            using var writer = new BinaryWriter(file);
            var length = 8_000 * seconds;
            writer.Write("RIFF"u8);
            writer.Write(36 + length);
            writer.Write("WAVEfmt "u8);
            writer.Write(16);
            writer.Write((short)1);
            writer.Write((short)1);
            writer.Write(8_000);
            writer.Write(8_000);
            writer.Write((short)1);
            writer.Write((short)8);
            writer.Write("data"u8);
            writer.Write(length);
            writer.Write(Enumerable.Repeat((byte)128, length).ToArray());
            return file.ToArray();
        }
    }
}
