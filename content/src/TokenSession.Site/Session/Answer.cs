namespace TokenSessionSite.Session;

/// <summary>An answer of a place that can be away. In its place, null means that there was none.</summary>
public readonly record struct Answer<T>(T Value);
