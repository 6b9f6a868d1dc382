using Refit;

namespace Tests.Infrastructure;

/// <summary>Part of an API, as an owner of the site writes it.</summary>
public interface IItemsApi
{
    [Get("/items/1")]
    Task<Item> GetAsync();

    [Get("/items/1")]
    Task<IApiResponse<Item>> TryGetAsync();

    [Post("/items?secret=of-the-query")]
    Task<Item> AddAsync([Body] Item item);

    [Delete("/items/1")]
    Task RemoveAsync();

    [Get("/items/1/file")]
    Task<Stream> DownloadAsync();

    [Post("/items/1/file")]
    Task UploadAsync([Body] Stream file);
}

/// <summary>The same API for what all visitors may see.</summary>
public interface IPublicItemsApi
{
    [Get("/items/public")]
    Task<Item> GetAsync();
}

public sealed record Item(string Name);
