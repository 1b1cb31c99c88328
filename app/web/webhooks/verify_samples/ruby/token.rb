require "openssl"

# headers: by their names in lower case. token: the webhook's secret token.
def token?(headers, token)
  OpenSSL.secure_compare(token, headers["x-callboard-token"].to_s)
end
