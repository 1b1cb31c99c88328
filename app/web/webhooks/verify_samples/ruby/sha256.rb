# Ruby 2.7 or later; the standard library alone.
require "openssl"

# headers: by their names in lower case. body: the raw bytes, such as request.raw_post.
# secret: whsec_... No time is signed: a copy of a request stays valid.
def genuine?(headers, body, secret)
  # The key is the whole text of the secret, with whsec_.
  expected = "sha256=" + OpenSSL::HMAC.hexdigest("SHA256", secret, body)
  OpenSSL.secure_compare(expected, headers["x-hub-signature-256"].to_s)
end
