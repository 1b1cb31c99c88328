#!/usr/bin/env bash
# Registers webhooks with nothing but curl, and says how to go on. It takes PLATFORM_API_KEY, which
# the server was started with, and makes what is wanted in the organization of the first start:
#
#   eval "$(examples/clients/curl.sh http://127.0.0.1:9000/)"
#
# Then CALLBOARD_API_KEY opens the organization's API, and CALLBOARD_SECRET is what the webhook's
# deliveries are signed with. More arguments are presets, a webhook for each (standard).
set -euo pipefail
target=${1:?the URL to deliver to, for example http://127.0.0.1:9000/}
presets=("${@:2}")
api=${CALLBOARD_URL:-http://127.0.0.1:8000}/api/v1
: "${PLATFORM_API_KEY:?set it to what the server was started with}"

call() { # KEY METHOD PATH [JSON]: the answer's body; an error goes to the terminal
    printf '%s %s %s\n' "$2" "$3" "${4:-}" >&2
    curl --silent --show-error --fail-with-body -X "$2" "$api$3" -H "Authorization: Bearer $1" \
        -H 'Content-Type: application/json' ${4:+-d "$4"} || { echo >&2; exit 1; }
}
field() { # NAME [head|tail]: the first or last text with this name in the JSON that comes in
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
