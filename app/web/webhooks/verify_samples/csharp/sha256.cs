// .NET 6 or later; nothing to install.
using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

static class CallboardBody
{
    /// headers: by their names in lower case. body: the raw bytes. secret: whsec_...
    /// No time is signed: a copy of a request stays valid.
    public static bool IsGenuine(
        IReadOnlyDictionary<string, string> headers, byte[] body, string secret)
    {
        headers.TryGetValue("x-hub-signature-256", out var received);
        // The key is the whole text of the secret, with whsec_.
        var digest = new HMACSHA256(Encoding.UTF8.GetBytes(secret)).ComputeHash(body);
        var expected = "sha256=" + BitConverter.ToString(digest).Replace("-", "").ToLowerInvariant();
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(received ?? ""));
    }
}
