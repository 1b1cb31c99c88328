# bash and openssl 1.1.1 or later. Arguments of openssl are visible in the list of processes for a
# moment: use this for tests, or on a machine without other users.

TOLERANCE_SECONDS=300

# is_genuine SIGNATURE BODY_FILE SECRET [NOW]: the value of x-callboard-signature, a file with the
# raw bytes, whsec_...
is_genuine() {
  local signature=$1 body=$2 secret=$3 now=${4:-$(date +%s)}
  local key expected part parts timestamp='' matches=1
  IFS=, read -ra parts <<<"$signature"
  for part in "${parts[@]}"; do
    [[ $part == t=* ]] && timestamp=${part#t=}
  done
  [[ $timestamp =~ ^[0-9]{1,15}$ ]] || return 1
  local age=$((now - 10#$timestamp))
  ((${age#-} <= TOLERANCE_SECONDS)) || return 1

  # The key is the whole text of the secret, with whsec_.
  key=$(printf %s "$secret" | od -An -v -tx1 | tr -d ' \n')
  expected=$({ printf '%s.' "$timestamp"; cat "$body"; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -r)
  # While a secret is being rotated there are two v1=.
  for part in "${parts[@]}"; do
    is_same "v1=${expected%% *}" "$part" && matches=0
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
