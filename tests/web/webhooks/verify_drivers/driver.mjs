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
  } else if (fields[0] === "timestamped") {
    if (fields[1] !== "-") headers["x-callboard-signature"] = fields[1];
    found = sample.isGenuine(headers, Buffer.from(fields[4], "base64"), fields[2], Number(fields[3]));
  } else if (fields[0] === "sha256") {
    if (fields[1] !== "-") headers["x-hub-signature-256"] = fields[1];
    found = sample.isGenuine(headers, Buffer.from(fields[3], "base64"), fields[2]);
  } else {
    ["webhook-id", "webhook-timestamp", "webhook-signature"].forEach((name, n) => {
      if (fields[n] !== "-") headers[name] = fields[n];
    });
    const body = Buffer.from(fields[5], "base64");
    found = sample.isGenuine(headers, body, fields[3], Number(fields[4]));
  }
  console.log(found ? "yes" : "no");
}
