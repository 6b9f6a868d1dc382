using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Backend;

namespace TokenSessionSite.Pages.App;

public sealed class IndexModel(IBackendApi backend) : PageModel
{
    public BackendUser Account { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellationToken) =>
        Account = await backend.GetMeAsync(cancellationToken) ?? new(null, null);
}
