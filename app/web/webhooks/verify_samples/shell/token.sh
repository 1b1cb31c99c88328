# has_token GIVEN TOKEN: the value of the header x-callboard-token, and the webhook's secret token.
has_token() {
  local salt
  salt=$(openssl rand -hex 32)
  # Digests under a key that nobody knows: how long that takes tells nothing of the texts.
  [[ $(digest "$salt$1") == "$(digest "$salt$2")" ]]
}

digest() { printf %s "$1" | openssl dgst -sha256 -r; }
