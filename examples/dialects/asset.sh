#!/bin/sh
# The requests of the asset status document, in its order. Set:
#   CALLBOARD  where it runs; ORGANIZATION  its id; KEY  an API key; RECEIVER  the URL to send to
: "${CALLBOARD:=http://127.0.0.1:8000}" "${RECEIVER:=http://127.0.0.1:9000}"
: "${ORGANIZATION:?}" "${KEY:?}"
webhooks="$CALLBOARD/api/v1/$ORGANIZATION/webhooks/"

say() { printf '\n$ %s\n' "$1"; }
ask() { curl -s -H "Authorization: Token $KEY" -H 'Content-Type: application/json' "$@"; }

say 'POST $CALLBOARD/api/v1/<organization_id>/webhooks/'
created=$(ask "$webhooks" -d '{
    "url": "'"$RECEIVER"'",
    "secret_token": "abcdef"
}')
echo "$created"
id=$(echo "$created" | sed 's/.*"id":"\([^"]*\)".*/\1/')

say 'POST $CALLBOARD/api/v1/<organization_id>/webhooks/    # without a valid token'
curl -s -H 'Authorization: Token none' "$webhooks" -d "url=$RECEIVER" -d 'secret_token=abcdef'

say 'GET $CALLBOARD/api/v1/<organization_id>/webhooks/'
ask "$webhooks"

say 'GET $CALLBOARD/api/v1/<organization_id>/webhooks/    # the wrong organization'
ask "$CALLBOARD/api/v1/c4cf9c5f-0b60-4e5c-9db9-81321ffe31d5/webhooks/"

say 'PUT $CALLBOARD/api/v1/<organization_id>/webhooks/<webhook_id>/'
ask -X PUT "$webhooks$id/" -d '{"url": "'"$RECEIVER"'/new", "secret_token": "abcdef"}'

say 'PUT $CALLBOARD/api/v1/<organization_id>/webhooks/<webhook_id>/    # the wrong webhook'
ask -X PUT "${webhooks}c4cf9c5f-0b60-4e5c-9db9-81321ffe31d5/" \
  -d '{"url": "'"$RECEIVER"'/new", "secret_token": "abcdef"}'

say 'POST $CALLBOARD/api/v1/<organization_id>/webhooks/    # the document'"'"'s body, to the comma'
ask "$webhooks" -d '{
    "url": "https://sample.beeceptor.com",
    "secret_token": "abcdef",
}'

say 'DELETE $CALLBOARD/api/v1/<organization_id>/webhooks/<webhook_id>/'
ask -o /dev/null -w '%{http_code}\n' -X DELETE "$webhooks$id/"
