import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Caller, problem

UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonx",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_content_types_other_than_json_are_rejected(
    api: Caller, app: Flask, content_type: str
) -> None:
    response = api("POST", "/events", data=b"{}", content_type=content_type)
    problem(response, 415, "content_type")


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_recognized_in_every_spelling(api: Caller, app: Flask, content_type: str) -> None:
    response = api("POST", "/events", data=b"{}", content_type=content_type)
    assert response.status_code == 422


def test_a_compressed_body_is_rejected(api: Caller, app: Flask) -> None:
    headers = {"Content-Encoding": "gzip"}
    response = api("POST", "/events", data=b"{}", content_type="application/json", headers=headers)
    problem(response, 415, "content_type")


def large(size: int) -> bytes:
    return json.dumps({"type": "a", "payload": {"a": "x" * size}}).encode()


def test_a_body_over_the_limit_is_rejected(api: Caller, app: Flask) -> None:
    response = api("POST", "/events", data=large(1 << 20), content_type="application/json")
    problem(response, 413, "too_large")


def chunked(body: bytes, announced: int | None = None) -> dict[str, Any]:
    """A body as gunicorn hands it over: `announced` is what Content-Length says, None: chunked."""
    environ: dict[str, Any] = {"wsgi.input_terminated": True}
    if announced is None:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(announced)
    more = {"input_stream": io.BytesIO(body), "content_type": "application/json"}
    return {"environ_overrides": environ, **more}


def test_a_chunked_body_over_the_limit_is_rejected(api: Caller, app: Flask) -> None:
    problem(api("POST", "/events", **chunked(large(1 << 20))), 413, "too_large")


def test_a_chunked_body_within_the_limit_is_read(api: Caller, app: Flask) -> None:
    assert api("POST", "/events", **chunked(b"{}")).status_code == 422


def test_a_body_over_the_limit_is_read_to_its_end_so_that_the_response_arrives(
    api: Caller, app: Flask
):
    for announced in (3 << 20, None):
        more = chunked(b" " * (3 << 20), announced)
        assert api("POST", "/events", **more).status_code == 413
        assert more["input_stream"].read() == b""


def test_a_content_length_over_the_limit_is_rejected_unread(api: Caller, app: Flask) -> None:
    problem(api("POST", "/events", **chunked(b"{}", announced=1 << 40)), 413, "too_large")


def test_a_body_shorter_than_announced_is_malformed(api: Caller, app: Flask) -> None:
    more = chunked(b'{"type":', announced=100)
    del more["environ_overrides"]["wsgi.input_terminated"]
    problem(api("POST", "/events", **more), 400, "malformed")


class BrokenChunks(io.BytesIO):
    """As gunicorn reads a chunk without a size."""

    def read(self, size: int | None = -1) -> bytes:
        raise ValueError("Invalid chunk size: b'zz'")

    def readinto(self, buffer: object) -> int:
        return len(self.read())


def test_invalid_chunks_are_malformed(api: Caller, app: Flask):
    more = chunked(b"") | {"input_stream": BrokenChunks()}
    problem(api("POST", "/events", **more), 400, "malformed")


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "٣"])
def test_an_invalid_content_length_causes_no_server_error(
    client: FlaskClient, api: Caller, app: Flask, length: str
) -> None:
    more = chunked(b"{}")
    del more["environ_overrides"]["HTTP_TRANSFER_ENCODING"]
    more["environ_overrides"]["CONTENT_LENGTH"] = length
    assert 400 <= api("POST", "/events", **more).status_code < 500


@pytest.mark.parametrize("body", [b"{}", b" \n", b""])
def test_a_path_without_a_body_accepts_an_empty_one(api: Caller, app: Flask, body: bytes) -> None:
    response = api("POST", f"/deliveries/{UNKNOWN}/cancel", data=body)
    problem(response, 404, "not_found")


@pytest.mark.parametrize("body", [b'{"a": 1}', b"[]", b"null", b"\xff"])
def test_a_path_without_a_body_rejects_any_other(api: Caller, app: Flask, body: bytes) -> None:
    response = api("POST", f"/deliveries/{UNKNOWN}/cancel", data=body)
    problem(response, 400, "malformed")
