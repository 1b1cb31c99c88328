import { createHash, timingSafeEqual } from "node:crypto";

// headers: by their names in lower case, as Node has them. token: the webhook's secret token.
export function hasToken(headers, token) {
  // Digests have the same length, which the comparison needs.
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(headers["x-callboard-token"] ?? ""), digest(token));
}
