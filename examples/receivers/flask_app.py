"""Receive callbacks with Flask.

pip install flask callboard
CALLBOARD_SECRET=whsec_... python flask_app.py
"""

import json
import os

from flask import Flask
from inbox import Inbox

from callboard.contrib.flask import verified_callback

app = Flask(__name__)
inbox = Inbox(os.environ.get("INBOX", "callbacks.db"))
# Both secrets, separated by a space, while one is rotated.
secrets = os.environ["CALLBOARD_SECRET"].split()


@app.post("/hook")
def hook() -> tuple[str, int]:
    callback = verified_callback(secrets)  # responds with 401 if it cannot be trusted
    inbox.add(callback.id, callback.body)
    return "", 204


def handle(callback_id: str, body: bytes) -> None:
    print("handled", callback_id, json.loads(body)["type"], flush=True)


if __name__ == "__main__":
    inbox.work(handle)
    app.run(port=int(os.environ.get("PORT", "9000")))
