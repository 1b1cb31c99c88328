#!/bin/sh
# The curl commands of the encoding service's document, in its order, with an update before the
# last. Set:
#   CALLBOARD  where it runs; KEY  an API key; RECEIVER  the URL to send to, which must respond
: "${CALLBOARD:=http://127.0.0.1:8000}" "${RECEIVER:=http://127.0.0.1:9000}" "${KEY:?}"

say() { printf '\n$ %s\n' "$1"; }

say "curl --location '\$CALLBOARD/api/webhooks' --data '{...}'"
created=$(curl -s --location "$CALLBOARD/api/webhooks" \
--header 'accept: application/json' \
--header "Authorization: Bearer $KEY" \
--header 'Content-Type: application/json' \
--data '{
"file_received": false,
"encoding_started": true,
"encoding_finished": true,
"url": "'"$RECEIVER"'",
"name": "string"
}')
echo "$created"
webhook_id=$(echo "$created" | sed 's/.*"webhook":{"id":"\([^"]*\)".*/\1/')

say "curl --location --request POST '\$CALLBOARD/api/webhooks/check/{webhook_id}'"
curl -s --location --request POST "$CALLBOARD/api/webhooks/check/$webhook_id" \
--header "Authorization: Bearer $KEY" \
--header 'accept: application/json'

say "curl --location '\$CALLBOARD/api/webhooks'"
curl -s --location "$CALLBOARD/api/webhooks" \
--header "Authorization: Bearer $KEY" \
--header 'accept: application/json'

say "curl --location '\$CALLBOARD/api/webhooks/{webhook_id}'"
curl -s --location "$CALLBOARD/api/webhooks/$webhook_id" \
--header "Authorization: Bearer $KEY" \
--header 'accept: application/json'

say "curl --location --request PUT '\$CALLBOARD/api/webhooks/{webhook_id}' --data '{...}'"
curl -s --location --request PUT "$CALLBOARD/api/webhooks/$webhook_id" \
--header "Authorization: Bearer $KEY" \
--header 'Content-Type: application/json' \
--data '{"url": "'"$RECEIVER"'/new"}'

say "curl --location --request DELETE '\$CALLBOARD/api/webhooks/{webhook_id}'"
curl -s --location --request DELETE "$CALLBOARD/api/webhooks/$webhook_id" \
--header "Authorization: Bearer $KEY" \
--header 'accept: application/json'
echo
