// .NET 6 or later; nothing to install.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

static class Callboard
{
    const long ToleranceSeconds = 300;

    /// headers: by their names in lower case. body: the raw bytes. secret: whsec_...
    public static bool IsGenuine(
        IReadOnlyDictionary<string, string> headers, byte[] body, string secret, DateTimeOffset now)
    {
        headers.TryGetValue("webhook-id", out var id);
        headers.TryGetValue("webhook-timestamp", out var timestamp);
        headers.TryGetValue("webhook-signature", out var signatures);

        if (string.IsNullOrEmpty(timestamp) || timestamp.Length > 15) return false;
        if (!timestamp.All(c => c >= '0' && c <= '9')) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - long.Parse(timestamp)) > ToleranceSeconds) return false;

        var key = Convert.FromBase64String(secret.Substring("whsec_".Length));
        var signed = Encoding.UTF8.GetBytes($"{id}.{timestamp}.").Concat(body).ToArray();
        var digest = new HMACSHA256(key).ComputeHash(signed);
        var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(digest));
        // While a secret is being rotated there are two signatures, separated by a space.
        var matches = false;
        foreach (var candidate in (signatures ?? "").Split(' '))
            matches |= CryptographicOperations.FixedTimeEquals(
                expected, Encoding.UTF8.GetBytes(candidate));
        return matches;
    }
}
