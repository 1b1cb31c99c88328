import json
from typing import Any

import msgspec

from app.api.common import problems
from app.domain.common.errors import FieldError, Invalid, RateLimited
from app.http import errors
from app.http.messages import Request


def http_error(error: Exception) -> errors.HttpError:
    request = Request("GET", "/", b"", {}, lambda _: b"", {}, request_id="r-1")
    return errors.from_exception(error, request)


def rendered(error: Exception) -> Any:
    return json.loads(msgspec.json.encode(problems.render(http_error(error)).document))


def test_a_problem_names_each_field_with_a_remedy() -> None:
    error = Invalid([FieldError("url", "required", "It is missing.", "Give an https URL.")])
    assert rendered(error) == {
        "type": "urn:callboard:problem:invalid",
        "title": "Validation failed",
        "status": 422,
        "detail": "url: It is missing.",
        "code": "invalid",
        "errors": [
            {
                "field": "url",
                "code": "required",
                "problem": "It is missing.",
                "remedy": "Give an https URL.",
            }
        ],
        "request_id": "r-1",
    }


def test_a_lone_surrogate_in_quoted_text_is_replaced() -> None:
    error = Invalid([FieldError("\ud800", "unknown", "It is \udfff.", "Leave it out.")])
    assert rendered(error)["errors"][0]["field"] == "?"


def test_too_many_requests_say_when_to_retry() -> None:
    assert http_error(RateLimited(7)).headers == (("Retry-After", "7"),)
