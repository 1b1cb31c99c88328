# Ruby 2.7 or later; the standard library alone.
require "openssl"

TOLERANCE_SECONDS = 300

# headers: by their names in lower case. body: the raw bytes, such as request.raw_post.
# secret: whsec_...
def genuine?(headers, body, secret, now = Time.now.to_i)
  id = headers["webhook-id"].to_s
  timestamp = headers["webhook-timestamp"].to_s
  signatures = headers["webhook-signature"].to_s

  return false unless timestamp.match?(/\A[0-9]{1,15}\z/)
  return false if (now - timestamp.to_i).abs > TOLERANCE_SECONDS

  key = secret.delete_prefix("whsec_").unpack1("m0")
  signed = "#{id}.#{timestamp}.".b + body.b
  expected = "v1," + [OpenSSL::HMAC.digest("SHA256", key, signed)].pack("m0")
  # While a secret is being rotated there are two signatures, separated by a space.
  signatures.split.map { |candidate| OpenSSL.secure_compare(expected, candidate) }.any?
end
