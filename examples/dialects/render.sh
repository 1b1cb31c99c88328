#!/bin/sh
# The edits of the render callback's document, posted; then a farm says that each is done. Set:
#   CALLBOARD  where it runs; KEY  an API key; RECEIVER  the URL to send to
: "${CALLBOARD:=http://127.0.0.1:8000}" "${RECEIVER:=http://127.0.0.1:9000}" "${KEY:?}"

say() { printf '\n$ %s\n' "$1"; }
ask() { curl -s -H "x-api-key: $KEY" -H 'Content-Type: application/json' "$@"; }

say 'POST $CALLBOARD/edit/v1/render    callback: $RECEIVER/status.php'
created=$(ask "$CALLBOARD/edit/v1/render" -d '{
    "timeline": {"tracks": []},
    "output": {"format": "mp4", "resolution": "sd"},
    "callback": "'"$RECEIVER"'/status.php"
}')
echo "$created"
id=$(echo "$created" | sed 's/.*"id":"\([^"]*\)".*/\1/')

say 'GET $CALLBOARD/edit/v1/render/<id>'
ask "$CALLBOARD/edit/v1/render/$id"

say 'POST $CALLBOARD/api/v1/events    # the farm: it is done'
curl -s -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  "$CALLBOARD/api/v1/events" -d '{"type": "render.done", "source": "'"$id"'", "payload": {
    "type": "edit",
    "action": "render",
    "id": "'"$id"'",
    "owner": "5ca6hu7s9k",
    "status": "done",
    "url": "https://example.com/5ca6hu7s9k/'"$id"'.mp4",
    "error": null,
    "completed": "2020-02-24T11:52:20.810Z"
}}'

say 'GET $CALLBOARD/edit/v1/render/<id>?data=false'
ask "$CALLBOARD/edit/v1/render/$id?data=false"

say 'POST $CALLBOARD/edit/v1/render    callback: $RECEIVER/status.php?var1=foo&var2=bar'
ask "$CALLBOARD/edit/v1/render" -d '{
    "timeline": {"tracks": []},
    "output": {"format": "mp4", "resolution": "sd"},
    "callback": "'"$RECEIVER"'/status.php?var1=foo&var2=bar"
}'

say 'POST $CALLBOARD/edit/v1/render    callback: $RECEIVER/status.php?var={{PARAM}}}}, merge'
ask "$CALLBOARD/edit/v1/render" -d '{
    "timeline": {"tracks": []},
    "output": {"format": "mp4", "resolution": "sd"},
    "callback": "'"$RECEIVER"'/status.php?var={{PARAM}}}}",
    "merge": [
        {
            "find": "PARAM",
            "replace": "foo"
        }
    ]
}'

say 'POST $CALLBOARD/edit/v1/render    the same without merge'
ask "$CALLBOARD/edit/v1/render" -d '{
    "timeline": {"tracks": []},
    "output": {"format": "mp4", "resolution": "sd"},
    "callback": "'"$RECEIVER"'/status.php?var={{PARAM}}}}"
}'

say 'GET $CALLBOARD/edit/v1/render/<id>    # without a key'
curl -s "$CALLBOARD/edit/v1/render/$id"
echo
