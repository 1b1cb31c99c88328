using System;
using System.Collections.Generic;
using System.IO;

static class Driver
{
    static void Main(string[] arguments)
    {
        foreach (var line in File.ReadAllLines(arguments[0]))
        {
            var fields = line.Split('\t');
            var headers = new Dictionary<string, string>();
            bool found;
            if (fields.Length == 2)
            {
                if (fields[0] != "-") headers["x-callboard-token"] = fields[0];
                found = CallboardToken.HasToken(headers, fields[1]);
            }
            else if (fields[0] == "timestamped")
            {
                if (fields[1] != "-") headers["x-callboard-signature"] = fields[1];
                var now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[3]));
                found = CallboardTimestamped.IsGenuine(
                    headers, Convert.FromBase64String(fields[4]), fields[2], now);
            }
            else if (fields[0] == "sha256")
            {
                if (fields[1] != "-") headers["x-hub-signature-256"] = fields[1];
                found = CallboardBody.IsGenuine(
                    headers, Convert.FromBase64String(fields[3]), fields[2]);
            }
            else
            {
                var names = new[] { "webhook-id", "webhook-timestamp", "webhook-signature" };
                for (var n = 0; n < 3; n++)
                    if (fields[n] != "-") headers[names[n]] = fields[n];
                var now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(fields[4]));
                found = Callboard.IsGenuine(headers, Convert.FromBase64String(fields[5]), fields[3], now);
            }
            Console.WriteLine(found ? "yes" : "no");
        }
    }
}
