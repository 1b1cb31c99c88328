// .NET 6 or later; nothing to install.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

static class CallboardTimestamped
{
    const long ToleranceSeconds = 300;

    /// headers: by their names in lower case. body: the raw bytes. secret: whsec_...
    public static bool IsGenuine(
        IReadOnlyDictionary<string, string> headers, byte[] body, string secret, DateTimeOffset now)
    {
        headers.TryGetValue("x-callboard-signature", out var signature);
        var parts = (signature ?? "").Split(',');
        var timestamp = "";
        foreach (var part in parts)
            if (part.StartsWith("t=", StringComparison.Ordinal)) timestamp = part.Substring(2);

        if (timestamp == "" || timestamp.Length > 15) return false;
        if (!timestamp.All(c => c >= '0' && c <= '9')) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - long.Parse(timestamp)) > ToleranceSeconds) return false;

        // The key is the whole text of the secret, with whsec_.
        var key = Encoding.UTF8.GetBytes(secret);
        var signed = Encoding.UTF8.GetBytes($"{timestamp}.").Concat(body).ToArray();
        var digest = new HMACSHA256(key).ComputeHash(signed);
        var hex = BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant();
        var expected = Encoding.UTF8.GetBytes("v1=" + hex);
        // While a secret is being rotated there are two v1=.
        var matches = false;
        foreach (var candidate in parts)
            matches |= CryptographicOperations.FixedTimeEquals(
                expected, Encoding.UTF8.GetBytes(candidate));
        return matches;
    }
}
