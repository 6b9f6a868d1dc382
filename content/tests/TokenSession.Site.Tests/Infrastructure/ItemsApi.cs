using Refit;

namespace Tests.Infrastructure;

/// <summary>A part of an API that an owner of the site could write.</summary>
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

/// <summary>The same API for data that all visitors may see.</summary>
public interface IPublicItemsApi
{
    [Get("/items/public")]
    Task<Item> GetAsync();
}

public sealed record Item(string Name);
