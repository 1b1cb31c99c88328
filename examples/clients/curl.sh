#!/usr/bin/env bash
# Registers webhooks with curl alone. Set PLATFORM_API_KEY to the key that the server was started
# with; the webhooks are created in the organization of the first start:
#
#   eval "$(examples/clients/curl.sh http://127.0.0.1:9000/)"
#
# It prints CALLBOARD_API_KEY, a key of the organization, and CALLBOARD_SECRET, the signing secrets.
# Further arguments are presets, one webhook for each (default: standard).
set -euo pipefail
target=${1:?the URL to deliver to, for example http://127.0.0.1:9000/}
presets=("${@:2}")
api=${CALLBOARD_URL:-http://127.0.0.1:8000}/api/v1
: "${PLATFORM_API_KEY:?set it to the key that the server was started with}"

call() { # KEY METHOD PATH [JSON]: prints the body; errors go to the terminal
    printf '%s %s %s\n' "$2" "$3" "${4:-}" >&2
    curl --silent --show-error --fail-with-body -X "$2" "$api$3" -H "Authorization: Bearer $1" \
        -H 'Content-Type: application/json' ${4:+-d "$4"} || { echo >&2; exit 1; }
}
field() { # NAME [head|tail]: the first or last string with this name in the JSON on standard input
    grep -o "\"$1\":\"[^\"]*\"" | "${2:-head}" -n 1 | cut -d '"' -f 4
}

organization=$(call "$PLATFORM_API_KEY" GET '/organizations?limit=200' | field id tail)
key=$(call "$PLATFORM_API_KEY" POST "/organizations/$organization/api-keys" '{"name": "Try-out"}' |
    field key)
secrets=()
for preset in "${presets[@]:-standard}"; do
    webhook=$(call "$key" POST /webhooks "{\"url\": \"$target\", \"preset\": \"$preset\"}" | field id)
    secrets+=("$(call "$key" GET "/webhooks/$webhook/secret" | field secret)")
done
printf "export %s='%s'\n" CALLBOARD_API_KEY "$key" CALLBOARD_SECRET "${secrets[*]}"
