namespace TokenSessionSite.Session;

/// <summary>The answer of a store. Null in place of an answer means that the store cannot be reached.</summary>
public readonly record struct Answer<T>(T Value);
