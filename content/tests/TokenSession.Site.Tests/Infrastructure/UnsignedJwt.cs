using System.Buffers.Text;
using System.Text;

namespace Tests.Infrastructure;

/// <summary>A JWT with the claims of a test and without a signature, which the site does not verify.</summary>
internal static class UnsignedJwt
{
    public static string Of(string claims) => $"{Encode("""{"alg":"none"}""")}.{Encode(claims)}.";

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
