"""Receive callbacks with FastAPI.

pip install fastapi uvicorn callboard
CALLBOARD_SECRET=whsec_... python fastapi_app.py
"""

import json
import os
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI
from inbox import Inbox

from callboard import Verified
from callboard.contrib.fastapi import VerifiedCallback

app = FastAPI()
inbox = Inbox(os.environ.get("INBOX", "callbacks.db"))
# Both secrets, separated by a space, while one is rotated. 401 if a callback cannot be trusted.
verified = VerifiedCallback(os.environ["CALLBOARD_SECRET"].split())


@app.post("/hook", status_code=204)
def hook(callback: Annotated[Verified, Depends(verified)]) -> None:
    inbox.add(callback.id, callback.body)


def handle(callback_id: str, body: bytes) -> None:
    print("handled", callback_id, json.loads(body)["type"], flush=True)


if __name__ == "__main__":
    inbox.work(handle)
    uvicorn.run(app, port=int(os.environ.get("PORT", "9000")), log_level="warning")
