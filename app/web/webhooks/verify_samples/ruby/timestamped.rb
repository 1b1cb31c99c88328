# Ruby 2.7 or later; the standard library alone.
require "openssl"

TOLERANCE_SECONDS = 300

# headers: by their names in lower case. body: the raw bytes, such as request.raw_post.
# secret: whsec_...
def genuine?(headers, body, secret, now = Time.now.to_i)
  parts = headers["x-callboard-signature"].to_s.split(",")
  timestamp = parts.find { |part| part.start_with?("t=") }.to_s.delete_prefix("t=")

  return false unless timestamp.match?(/\A[0-9]{1,15}\z/)
  return false if (now - timestamp.to_i).abs > TOLERANCE_SECONDS

  # The key is the whole text of the secret, with whsec_.
  expected = "v1=" + OpenSSL::HMAC.hexdigest("SHA256", secret, "#{timestamp}.".b + body.b)
  # While a secret is being rotated there are two v1=.
  parts.map { |candidate| OpenSSL.secure_compare(expected, candidate) }.any?
end
