using System.Globalization;

namespace Bench;

/// <summary>Several measurements of the same value.</summary>
internal sealed class Spread(IEnumerable<double> values)
{
    private readonly double[] sorted = [.. values.Order()];

    public double Median =>
        sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;

    public double Longest => sorted[^1];

    /// <summary>The median, the minimum and the maximum.</summary>
    public string ToString(string format) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Median.ToString(format, CultureInfo.InvariantCulture)} ({sorted[0].ToString(format, CultureInfo.InvariantCulture)} to {sorted[^1].ToString(format, CultureInfo.InvariantCulture)})"
        );

    public double Percentile(double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
