# bash and openssl 1.1.1 or later. Arguments of openssl are visible in the list of processes for a
# moment: use this for tests, or on a machine without other users.

TOLERANCE_SECONDS=300

# is_genuine ID TIMESTAMP SIGNATURES BODY_FILE SECRET [NOW]: the values of webhook-id,
# webhook-timestamp and webhook-signature, a file with the raw bytes, whsec_...
is_genuine() {
  local id=$1 timestamp=$2 signatures=$3 body=$4 secret=$5 now=${6:-$(date +%s)}
  local key expected candidate matches=1 candidates
  [[ $timestamp =~ ^[0-9]{1,15}$ ]] || return 1
  local age=$((now - 10#$timestamp))
  ((${age#-} <= TOLERANCE_SECONDS)) || return 1

  key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
  expected=v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
  # While a secret is being rotated there are two signatures, separated by a space.
  read -ra candidates <<<"$signatures"
  for candidate in "${candidates[@]}"; do
    is_same "$expected" "$candidate" && matches=0
  done
  return $matches
}

# Compares digests under a random key, so that the time it takes reveals nothing.
is_same() {
  local salt
  salt=$(openssl rand -hex 32)
  [[ $(digest "$salt$1") == "$(digest "$salt$2")" ]]
}

digest() { printf %s "$1" | openssl dgst -sha256 -r; }
