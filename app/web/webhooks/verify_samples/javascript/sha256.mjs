// Node 16 or later; nothing to install.
import { createHmac, timingSafeEqual } from "node:crypto";

// headers: by their names in lower case, as Node has them. body: a Buffer with the raw bytes.
// secret: whsec_... No time is signed: a copy of a request stays valid.
export function isGenuine(headers, body, secret) {
  // The key is the whole text of the secret, with whsec_.
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  const expected = Buffer.from("sha256=" + digest);
  const received = Buffer.from(headers["x-hub-signature-256"] ?? "");
  return received.length === expected.length && timingSafeEqual(received, expected);
}
