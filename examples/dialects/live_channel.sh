#!/bin/sh
# The requests of the live channel's document, in its order. Set:
#   CALLBOARD  where it runs; KEY_ID and KEY_SECRET  of an API key; RECEIVER  the URL to send to
: "${CALLBOARD:=http://127.0.0.1:8000}" "${RECEIVER:=http://127.0.0.1:9000}"
: "${KEY_ID:?}" "${KEY_SECRET:?}"

say() { printf '\n$ %s\n' "$1"; }

say 'POST $CALLBOARD/v1/webhook    uri=$RECEIVER, event=channel_live,channel_ended'
created=$(curl -s -u "$KEY_ID:$KEY_SECRET" -X POST "$CALLBOARD/v1/webhook" \
  -d "uri=$RECEIVER" -d 'event=channel_live,channel_ended')
echo "$created"
id=$(echo "$created" | sed 's/^{"id":"\([^"]*\)".*/\1/')

say 'GET $CALLBOARD/v1/webhook?page=0&length=10&event=channel_live'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/v1/webhook?page=0&length=10&event=channel_live"

say 'PUT $CALLBOARD/v1/webhook/<id>    event=all'
curl -s -u "$KEY_ID:$KEY_SECRET" -X PUT "$CALLBOARD/v1/webhook/$id" -d 'event=all'

say 'GET $CALLBOARD/v1/webhook/<id>    # what the document has for deleting: it shows'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/v1/webhook/$id"

say 'DELETE $CALLBOARD/v1/webhook/<id>?event=channel_stop'
curl -s -u "$KEY_ID:$KEY_SECRET" -X DELETE "$CALLBOARD/v1/webhook/$id?event=channel_stop"

say 'GET $CALLBOARD/v1/webhook/<id>'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/v1/webhook/$id"

say 'GET $CALLBOARD/v1/webhook?length=101'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/v1/webhook?length=101"

say 'DELETE $CALLBOARD/v1/webhook/<id>'
curl -s -u "$KEY_ID:$KEY_SECRET" -X DELETE "$CALLBOARD/v1/webhook/$id"
echo
