namespace TokenSessionSite.Session;

/// <summary>The answer of a store. A store that cannot be reached gives no answer (null).</summary>
public readonly record struct Answer<T>(T Value);
