// Check a delivery's signature (Standard Webhooks, v1) with nothing but Node.js.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

// headers: by lower-case name. body: the bytes as they came, before anything parsed them; for GET,
// HEAD and OPTIONS the query string.
export function isGenuine(secret, headers, body, now = Date.now() / 1000) {
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const right = createHmac("sha256", key)
    .update(`${headers["webhook-id"]}.${timestamp}.`)
    .update(body)
    .digest();
  // Two signatures while the secret is being rotated; one of them is enough.
  return (headers["webhook-signature"] ?? "").split(" ").some((each) => {
    const [version, value = ""] = each.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === right.length && timingSafeEqual(given, right);
  });
}
