# bash and openssl 1.1.1 or later. What is given to openssl can be seen in a list of processes for
# a moment: use this to try things out, or where nobody else is on the machine.

TOLERANCE_SECONDS=300

# is_genuine ID TIMESTAMP SIGNATURES BODY_FILE SECRET [NOW]: the values of webhook-id,
# webhook-timestamp and webhook-signature, a file with the bytes as they came, whsec_...
is_genuine() {
  local id=$1 timestamp=$2 signatures=$3 body=$4 secret=$5 now=${6:-$(date +%s)}
  local key expected one found=1 given
  [[ $timestamp =~ ^[0-9]{1,15}$ ]] || return 1
  local age=$((now - 10#$timestamp))
  ((${age#-} <= TOLERANCE_SECONDS)) || return 1

  key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
  expected=v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
  # While a secret is being rotated there are two signatures, with a space between.
  read -ra given <<<"$signatures"
  for one in "${given[@]}"; do
    is_same "$expected" "$one" && found=0
  done
  return $found
}

# Compares digests under a key that nobody knows: how long that takes tells nothing of the texts.
is_same() {
  local salt
  salt=$(openssl rand -hex 32)
  [[ $(digest "$salt$1") == "$(digest "$salt$2")" ]]
}

digest() { printf %s "$1" | openssl dgst -sha256 -r; }
