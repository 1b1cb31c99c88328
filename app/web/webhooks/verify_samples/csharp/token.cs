using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

static class CallboardToken
{
    /// headers: by their names in lower case. token: the webhook's secret token.
    public static bool HasToken(IReadOnlyDictionary<string, string> headers, string token)
    {
        headers.TryGetValue("x-callboard-token", out var received);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(received ?? ""), Encoding.UTF8.GetBytes(token));
    }
}
