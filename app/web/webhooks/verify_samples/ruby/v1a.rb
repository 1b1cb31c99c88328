# Ruby 3.0 or later over OpenSSL 1.1.1; the standard library alone.
require "openssl"

TOLERANCE_SECONDS = 300
# The DER prefix of an ed25519 public key of 32 bytes.
ED25519_HEAD = ["302a300506032b6570032100"].pack("H*")

# headers: by their names in lower case. body: the raw bytes, such as request.raw_post.
# public_key: whpk_...
def genuine?(headers, body, public_key, now = Time.now.to_i)
  id = headers["webhook-id"].to_s
  timestamp = headers["webhook-timestamp"].to_s
  signatures = headers["webhook-signature"].to_s

  return false unless timestamp.match?(/\A[0-9]{1,15}\z/)
  return false if (now - timestamp.to_i).abs > TOLERANCE_SECONDS

  raw = public_key.delete_prefix("whpk_").unpack1("m0")
  key = OpenSSL::PKey.read(ED25519_HEAD + raw)
  signed = "#{id}.#{timestamp}.".b + body.b
  # While a key is being rotated there are two signatures, separated by a space.
  signatures.split.any? do |candidate|
    version, text = candidate.split(",", 2)
    version == "v1a" && key.verify(nil, text.to_s.unpack1("m"), signed)
  end
end
