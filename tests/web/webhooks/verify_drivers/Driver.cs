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
