#!/usr/bin/env python3
"""Post one event, with nothing but Python.

export CALLBOARD_API_KEY=cb_...
python3 examples/clients/post_event.py encoding.finished '{"media_id": "a"}'
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid


def post_event(
    url: str, key: str, event_type: str, payload: dict[str, object]
) -> dict[str, object]:
    """Return the response: the event's id and its deliveries. The event is stored then. Without a
    response, post it again with the same id: repeats are harmless."""
    event = {"id": str(uuid.uuid4()), "type": event_type, "payload": payload}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/events", json.dumps(event).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        document: dict[str, object] = json.load(response)
        return document


if __name__ == "__main__":
    event_type, payload = sys.argv[1:]
    url = os.environ.get("CALLBOARD_URL", "http://127.0.0.1:8000")
    try:
        print(post_event(url, os.environ["CALLBOARD_API_KEY"], event_type, json.loads(payload)))
    except urllib.error.HTTPError as error:
        sys.exit(error.read().decode())
