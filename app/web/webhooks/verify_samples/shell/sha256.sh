# bash and openssl 1.1.1 or later. Arguments of openssl are visible in the list of processes for a
# moment: use this for tests, or on a machine without other users.

# is_genuine SIGNATURE BODY_FILE SECRET: the value of x-hub-signature-256, a file with the raw
# bytes, whsec_... No time is signed: a copy of a request stays valid.
is_genuine() {
  local signature=$1 body=$2 secret=$3 key expected salt
  # The key is the whole text of the secret, with whsec_.
  key=$(printf %s "$secret" | od -An -v -tx1 | tr -d ' \n')
  expected=$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -r <"$body")
  # Compares digests under a random key, so that the time it takes reveals nothing.
  salt=$(openssl rand -hex 32)
  [[ $(digest "${salt}sha256=${expected%% *}") == "$(digest "$salt$signature")" ]]
}

digest() { printf %s "$1" | openssl dgst -sha256 -r; }
