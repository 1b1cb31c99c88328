import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const sample = await import(pathToFileURL(process.argv[2]));
for (const line of readFileSync(process.argv[3], "utf8").trimEnd().split("\n")) {
  const fields = line.split("\t");
  const headers = {};
  let found;
  if (fields.length === 2) {
    if (fields[0] !== "-") headers["x-callboard-token"] = fields[0];
    found = sample.hasToken(headers, fields[1]);
  } else {
    ["webhook-id", "webhook-timestamp", "webhook-signature"].forEach((name, n) => {
      if (fields[n] !== "-") headers[name] = fields[n];
    });
    const body = Buffer.from(fields[5], "base64");
    found = sample.isGenuine(headers, body, fields[3], Number(fields[4]));
  }
  console.log(found ? "yes" : "no");
}
