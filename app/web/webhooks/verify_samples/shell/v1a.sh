# bash and openssl 3.0 or later.

TOLERANCE_SECONDS=300
# The DER prefix of an ed25519 public key of 32 bytes.
ED25519_HEAD=MCowBQYDK2VwAyEA

# is_genuine ID TIMESTAMP SIGNATURES BODY_FILE PUBLIC_KEY [NOW]: the values of webhook-id,
# webhook-timestamp and webhook-signature, a file with the raw bytes, whpk_...
is_genuine() (
  id=$1 timestamp=$2 signatures=$3 body=$4 public_key=$5 now=${6:-$(date +%s)}
  [[ $timestamp =~ ^[0-9]{1,15}$ ]] || exit 1
  age=$((now - 10#$timestamp))
  ((${age#-} <= TOLERANCE_SECONDS)) || exit 1

  files=$(mktemp -d)
  trap 'rm -r "$files"' EXIT
  printf %s "$ED25519_HEAD${public_key#whpk_}" | openssl base64 -d -A >"$files/key"
  { printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } >"$files/signed"
  # While a key is being rotated there are two signatures, separated by a space.
  read -ra candidates <<<"$signatures"
  for candidate in "${candidates[@]}"; do
    [[ $candidate == v1a,* ]] || continue
    printf %s "${candidate#v1a,}" | openssl base64 -d -A >"$files/signature"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$files/key" -rawin \
      -in "$files/signed" -sigfile "$files/signature" >"$files/output" 2>&1 && exit 0
  done
  exit 1
)
