"""Each helper in its own framework, called over a socket where the framework has a server."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import requests

from callboard.verification import Verified, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type":"encoding.finished"}'


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/hook"
        http.shutdown()
        thread.join()


def flask_app() -> Callable[..., Any]:
    from flask import Flask

    from callboard.contrib.flask import verified_callback

    app = Flask("receiver")

    @app.route("/hook", methods=["GET", "POST"])
    def hook():
        return {"id": verified_callback(SECRET).id}

    return app


def django_app() -> Callable[..., Any]:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import JsonResponse
    from django.urls import path

    from callboard.contrib.django import verified_callback

    @verified_callback(SECRET)
    def hook(request):
        return JsonResponse({"id": request.callback.id})

    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=(path("hook", hook),),
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="s",
            MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        )
        django.setup()
    return WSGIHandler()


@pytest.fixture(params=[flask_app, django_app], ids=["flask", "django"])
def url(request) -> Iterator[str]:
    with serving(request.param()) as url:
        yield url


def signed(content: bytes) -> dict[str, str]:
    now = int(time.time())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": sign(SECRET, "msg_1", now, content),
    }


def test_a_signed_callback_reaches_the_view(url):
    response = requests.post(url, BODY, headers=signed(BODY), timeout=5)
    assert (response.status_code, response.json()) == (200, {"id": "msg_1"})


def test_the_query_string_of_a_get_is_verified(url):
    response = requests.get(f"{url}?a=%C3%BC&b=2", headers=signed(b"a=%C3%BC&b=2"), timeout=5)
    assert response.status_code == 200


def test_a_changed_callback_gets_401(url):
    response = requests.post(url, BODY + b" ", headers=signed(BODY), timeout=5)
    assert response.status_code == 401
    assert "No signature matches" in response.json()["error"]


@pytest.mark.parametrize(("content", "status"), [(BODY, 200), (BODY + b" ", 401)])
def test_fastapi_verifies_callbacks(content, status):
    from fastapi import Depends, FastAPI

    from callboard.contrib.fastapi import VerifiedCallback

    app = FastAPI()

    @app.post("/hook")
    async def hook(callback: Annotated[Verified, Depends(VerifiedCallback(SECRET))]):
        return {"id": callback.id}

    assert call_asgi(app, "/hook", content, signed(BODY))[0] == status


def call_asgi(app: Any, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    """One POST, as an ASGI server makes it."""
    import asyncio

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    # In a thread of its own: other tests of this process may leave an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, app(scope, receive, send)).result()
    content = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(content)
