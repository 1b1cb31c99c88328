// Node 16 or later; nothing to install.
import { createPublicKey, verify } from "node:crypto";

const TOLERANCE_SECONDS = 300;

// headers: by their names in lower case, as Node has them. body: a Buffer with the raw bytes.
// publicKey: whpk_...
export function isGenuine(headers, body, publicKey, now = Date.now() / 1000) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const signatures = headers["webhook-signature"] ?? "";

  if (!/^[0-9]{1,15}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;

  const raw = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64");
  const jwk = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  // While a key is being rotated there are two signatures, separated by a space.
  return signatures
    .split(" ")
    .filter((candidate) => candidate.startsWith("v1a,"))
    .some((candidate) => verify(null, signed, key, Buffer.from(candidate.slice(4), "base64")));
}
