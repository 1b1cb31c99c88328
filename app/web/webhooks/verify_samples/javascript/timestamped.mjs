// Node 16 or later; nothing to install.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

// headers: by their names in lower case, as Node has them. body: a Buffer with the raw bytes.
// secret: whsec_...
export function isGenuine(headers, body, secret, now = Date.now() / 1000) {
  const parts = (headers["x-callboard-signature"] ?? "").split(",");
  const timestamp = parts.find((part) => part.startsWith("t="))?.slice(2) ?? "";

  if (!/^[0-9]{1,15}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;

  // The key is the whole text of the secret, with whsec_.
  const hmac = createHmac("sha256", secret).update(`${timestamp}.`).update(body);
  const expected = Buffer.from("v1=" + hmac.digest("hex"));
  // While a secret is being rotated there are two v1=.
  return parts
    .map((text) => Buffer.from(text))
    .some((bytes) => bytes.length === expected.length && timingSafeEqual(bytes, expected));
}
