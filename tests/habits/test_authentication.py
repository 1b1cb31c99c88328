"""Every route asks who is there, or is on this list with its reason."""

import re
from collections.abc import Iterator

from flask import Flask

# rule: why anybody may ask.
OPEN = {
    "/static/<path:filename>": "pictures and scripts hold no data",
    "/assets/<stem>-<digest>.<ending>": "stylesheets and scripts hold no data",
    "/failures": "only redirects to /issues",
    "/failures/<path:rest>": "only redirects to /issues",
    "/catcher": "only redirects to /test-inbox",
    "/catcher/<path:rest>": "only redirects to /test-inbox",
    "/theme": "light or dark is a cookie of the browser's own",
    "/sign-in": "this is where one says who one is",
    "/sign-in/link/<token>": "the token says who is there",
    "/invitations/<token>": "the token says who is there",
    "/catch/<token>": "receivers ask for no credentials; the token cannot be guessed",
    "/enter/<token>": "the token says who is there; outside of a portal nothing is",
    "/brand/<color>.css": "a colour holds no data; outside of a portal nothing is",
    "/healthz": "asked by what watches the process, and tells nothing",
    "/readyz": "asked by what watches the process, and names no tenant",
    "/metrics": "asked by Prometheus, and names no tenant",
    "/api/v1/openapi.json": "the description is the same for everybody",
    "/api/v1": "nothing is there: 404 in the API's own shape",
    "/api/v1/<last_rest:rest>": "nothing is there: 404 in the API's own shape",
    "/webhooks.json/<rest:rest>": "nothing is there: 404 in the dialect's own shape",
    "/v1": "nothing is there: 404 in the dialect's own shape",
    "/v1/<rest:rest>": "nothing is there: 404 in the dialect's own shape",
    "/api": "nothing is there: 404 in the dialect's own shape",
    "/api/<rest:rest>": "nothing is there: 404 in the dialect's own shape",
    "/edit": "nothing is there: 404 in the dialect's own shape",
    "/edit/<rest:rest>": "nothing is there: 404 in the dialect's own shape",
}
SOME_ID = "018f0000-0000-7000-8000-000000000000"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(rule, method, path) of every route, with an id wherever something is to be filled in."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", SOME_ID, path)
        # No methods: the route itself tells them apart, and says 405.
        for method in sorted((rule.methods or set(METHODS)) - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, path


def _is_refused(app: Flask, method: str, path: str) -> bool:
    answer = app.test_client().open(path, method=method)
    to_sign_in = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
    return answer.status_code in (401, 403, 405) or to_sign_in


def test_every_route_asks_for_credentials_or_says_why_not(sqlite_app: Flask) -> None:
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    requests = list(_requests(sqlite_app))
    assert len(requests) > 100
    open_to_all = [
        f"{method} {rule}"
        for rule, method, path in requests
        if rule not in OPEN and not _is_refused(sqlite_app, method, path)
    ]
    assert open_to_all == []


def test_the_list_of_open_routes_is_not_out_of_date(sqlite_app: Flask) -> None:
    assert set(OPEN) <= {rule.rule for rule in sqlite_app.url_map.iter_rules()}
