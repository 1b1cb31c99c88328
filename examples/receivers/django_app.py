"""Receive callbacks with Django, in one file; in a project of yours the view is what counts.

pip install django callboard
CALLBOARD_SECRET=whsec_... python django_app.py
"""

import json
import os
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from inbox import Inbox

from callboard.contrib.django import verified_callback

inbox = Inbox(os.environ.get("INBOX", "callbacks.db"))


# Both secrets, separated by a space, while one is rotated.
@verified_callback(os.environ["CALLBOARD_SECRET"].split())
def hook(request: HttpRequest) -> HttpResponse:
    inbox.add(request.callback.id, request.callback.body)
    return HttpResponse(status=204)


def handle(callback_id: str, body: bytes) -> None:
    print("handled", callback_id, json.loads(body)["type"], flush=True)


if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=(path("hook", hook),), ALLOWED_HOSTS=["*"])
    django.setup()
    inbox.work(handle)
    make_server("127.0.0.1", int(os.environ.get("PORT", "9000")), WSGIHandler()).serve_forever()
