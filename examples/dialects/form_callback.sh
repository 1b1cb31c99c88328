#!/bin/sh
# What the form callback's document shows, against this product. Set:
#   CALLBOARD  where it runs; KEY_ID and KEY_SECRET  of an API key
#   RECEIVER   where post_server.py runs (python3 examples/dialects/post_server.py)
: "${CALLBOARD:=http://127.0.0.1:8000}" "${RECEIVER:=http://127.0.0.1:9000}"
: "${KEY_ID:?}" "${KEY_SECRET:?}"

say() { printf '\n$ %s\n' "$1"; }

say 'curl -i -X POST $RECEIVER/webhook -d a=b    # the document'"'"'s own: the server never answers'
curl -i -sS -X POST "$RECEIVER/webhook" -d a=b

say 'curl -u $KEY $CALLBOARD/webhooks.json -d "webhook[url]=$RECEIVER/webhook" ...'
created=$(curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/webhooks.json" \
  -d "webhook[url]=$RECEIVER/webhook" -d 'webhook[api_key]=my key' -d 'webhook[method]=post')
echo "$created"
id=$(echo "$created" | sed 's/^{"id":"\([^"]*\)".*/\1/')

say 'curl -u $KEY $CALLBOARD/webhooks.json'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/webhooks.json"

say 'curl -u $KEY -X PATCH $CALLBOARD/webhooks/<id>.json -H "Content-Type: application/json" ...'
curl -s -u "$KEY_ID:$KEY_SECRET" -X PATCH "$CALLBOARD/webhooks/$id.json" \
  -H 'Content-Type: application/json' -d '{"webhook": {"method": "put", "is_active": false}}'

say 'curl -u $KEY $CALLBOARD/webhooks.json -d "webhook[method]=post"    # no URL'
curl -s -u "$KEY_ID:$KEY_SECRET" "$CALLBOARD/webhooks.json" -d 'webhook[method]=post'

say 'curl -u $KEY -X DELETE $CALLBOARD/webhooks/<id>.json'
curl -s -o /dev/null -w '%{http_code}\n' \
  -u "$KEY_ID:$KEY_SECRET" -X DELETE "$CALLBOARD/webhooks/$id.json"
