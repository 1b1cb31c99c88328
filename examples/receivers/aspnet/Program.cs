// Receive callbacks with ASP.NET.
//
//   CALLBOARD_SECRET=whsec_... dotnet run
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

const long ToleranceSeconds = 300;
var secret = Environment.GetEnvironmentVariable("CALLBOARD_SECRET") ?? "";
var key = Convert.FromBase64String(secret["whsec_".Length..]);
// In production a table with the id as its primary key: INSERT ... ON CONFLICT DO NOTHING, and a
// worker that reads it. This dictionary and this queue are lost with the process.
var seen = new ConcurrentDictionary<string, bool>();
var queue = Channel.CreateBounded<(string Id, byte[] Body)>(1000);

var app = WebApplication.CreateBuilder(args).Build();
app.MapPost("/hook", async (HttpRequest request) =>
{
    // The raw bytes: a body that was parsed and serialized again has another signature.
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!IsGenuine(request.Headers, body)) return Results.Unauthorized();
    var id = request.Headers["webhook-id"].ToString();
    if (seen.TryAdd(id, true)) await queue.Writer.WriteAsync((id, body));
    return Results.NoContent();
});

_ = Task.Run(async () =>
{
    await foreach (var (id, body) in queue.Reader.ReadAllAsync())
    {
        using var document = JsonDocument.Parse(body);
        Console.WriteLine($"handled {id} {document.RootElement.GetProperty("type")}");
    }
});
app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "9000"}");

bool IsGenuine(IHeaderDictionary headers, byte[] body)
{
    string id = headers["webhook-id"].ToString(), timestamp = headers["webhook-timestamp"].ToString();
    if (timestamp.Length is 0 or > 15 || !timestamp.All(char.IsAsciiDigit)) return false;
    var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp);
    if (Math.Abs(age) > ToleranceSeconds) return false;
    byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
    var digest = HMACSHA256.HashData(key, signed);
    var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(digest));
    // While a secret is rotated there are two signatures, separated by a space.
    var matches = false;
    foreach (var candidate in headers["webhook-signature"].ToString().Split(' '))
        matches |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(candidate));
    return matches;
}
