"""Every route asks who is there, or is on this list with its reason."""

import re
from collections.abc import Iterator

from flask import Flask

# endpoint: why anybody may ask.
OPEN: dict[str, str] = {
    "static": "stylesheets and scripts hold no data",
}
SOME_ID = "018f0000-0000-7000-8000-000000000000"


def _requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, path) of every route, with an id wherever one is expected."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", SOME_ID, path)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path


def _is_refused(app: Flask, method: str, path: str) -> bool:
    answer = app.test_client().open(path, method=method)
    to_sign_in = answer.status_code in (302, 303) and "sign-in" in answer.headers["Location"]
    return answer.status_code in (401, 403) or to_sign_in


def test_every_route_asks_for_credentials_or_says_why_not(sqlite_app: Flask) -> None:
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    open_to_all = [
        f"{endpoint}: {method} {path}"
        for endpoint, method, path in _requests(sqlite_app)
        if endpoint not in OPEN and not _is_refused(sqlite_app, method, path)
    ]
    assert open_to_all == []


def test_the_list_of_open_routes_is_not_out_of_date(sqlite_app: Flask) -> None:
    assert set(OPEN) <= {rule.endpoint for rule in sqlite_app.url_map.iter_rules()}
