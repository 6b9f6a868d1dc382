using Microsoft.AspNetCore.Mvc.RazorPages;
#if (restrict != "none")
using SiteNamespace.Session.Restrictions;
#endif

namespace SiteNamespace.Pages;

#if (restrict == "signed-in")
[RequireSession]
#elseif (restrict == "guests")
[GuestsOnly]
#endif
public sealed class PageNameModel : PageModel;
