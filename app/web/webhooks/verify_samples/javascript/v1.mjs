// Node 16 or later; nothing to install.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

// headers: by their names in lower case, as Node has them. body: a Buffer with the raw bytes.
// secret: whsec_...
export function isGenuine(headers, body, secret, now = Date.now() / 1000) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const signatures = headers["webhook-signature"] ?? "";

  if (!/^[0-9]{1,15}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;

  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from("v1," + hmac.digest("base64"));
  // While a secret is being rotated there are two signatures, separated by a space.
  return signatures
    .split(" ")
    .map((text) => Buffer.from(text))
    .some((bytes) => bytes.length === expected.length && timingSafeEqual(bytes, expected));
}
