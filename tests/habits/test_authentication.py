"""Every route requires credentials, or is listed here with the reason."""

import re
from collections.abc import Iterator

from flask import Flask

from tests.habits import tree

# rule: why it is open.
OPEN = {
    "/static/<path:filename>": "images and scripts contain no data",
    "/assets/<stem>-<digest>.<ending>": "stylesheets and scripts contain no data",
    "/failures": "only redirects to /issues",
    "/failures/<path:rest>": "only redirects to /issues",
    "/catcher": "only redirects to /test-inbox",
    "/catcher/<path:rest>": "only redirects to /test-inbox",
    "/theme": "the theme is a cookie of the browser",
    "/sign-in": "the sign-in page",
    "/sign-in/oidc": "404 without an OpenID provider; leads to it otherwise",
    "/sign-in/oidc/callback": "the provider's code identifies the user",
    "/sign-in/link/<token>": "the token identifies the user",
    "/password-reset": "asks for an email address; says nothing about it",
    "/password-reset/sent": "says the same to everybody",
    "/password-reset/<token>": "the token identifies the user",
    "/invitations/<token>": "the token identifies the user",
    "/catch/<token>": "webhooks send no credentials; the token cannot be guessed",
    "/enter/<token>": "the token identifies the consumer; 404 outside of a portal",
    "/brand/<color>.css": "a color contains no data; 404 outside of a portal",
    "/brand/logo/<logo_id>": "404 without a valid visit of this portal",
    "/healthz": "for process monitors; shows no data",
    "/livez": "for process monitors; shows no data",
    "/readyz": "for process monitors; names no tenant",
    "/metrics": "for Prometheus; names no tenant",
    "/api/v1/openapi.json": "the same document for everybody",
    "/api/v1/health": "shows no data",
    "/api/v1/<svix_area_path:area>": "ids are 404; its words need a key (test_shapes.py)",
    "/api/v1/<svix_area_path:area>/": "the same",
    "/api/v1/auth/<svix_stream_path:stream_area>": "the same",
    "/api/v1/auth/<svix_stream_path:stream_area>/": "the same",
    "/api/v1/app/<app_id>/<svix_application_area_path:application_area>": "the same",
    "/api/v1/app/<app_id>/<svix_application_area_path:application_area>/": "the same",
    "/api/v1/app/<rest:rest>": "404 in the format of the dialect",
    "/api/v1/auth": "404 in the format of the dialect",
    "/api/v1/auth/<rest:rest>": "404 in the format of the dialect",
    "/api/v1/background-task/<rest:rest>": "404 in the format of the dialect",
    "/api/v1/event-type/<rest:rest>": "404 in the format of the dialect",
    "/api/v1/health/": "shows no data",
    "/api/v1/health/<rest:rest>": "404 in the format of the dialect",
    "/api/v1/stats": "404 in the format of the dialect",
    "/api/v1/stats/<rest:rest>": "404 in the format of the dialect",
    "/api/v1": "404 in the format of the API",
    "/api/v1/<last_rest:rest>": "404 in the format of the API",
    "/webhooks.json/<rest:rest>": "404 in the format of the dialect",
    "/v1": "404 in the format of the dialect",
    "/v1/<rest:rest>": "404 in the format of the dialect",
    "/api": "404 in the format of the dialect",
    "/api/<rest:rest>": "404 in the format of the dialect",
    "/v1/render/<rest:rest>": "404 in the format of the dialect",
    "/api/auth": "404 in the format of the dialect",
    "/api/auth/<rest:rest>": "404 in the format of the dialect",
    "/api/auth/login": "the body has the credentials",
    "/api/auth/login/": "the body has the credentials",
    "/edit": "404 in the format of the dialect",
    "/edit/<rest:rest>": "404 in the format of the dialect",
}
SOME_ID = "018f0000-0000-7000-8000-000000000000"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(rule, method, path) of every route, with an id for every placeholder."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", SOME_ID, path)
        # Without methods the route dispatches by method itself, and responds with 405.
        for method in sorted((rule.methods or set(METHODS)) - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, path


def _is_refused(app: Flask, method: str, path: str) -> bool:
    response = app.test_client().open(path, method=method)
    to_sign_in = response.status_code in (302, 303) and "/sign-in" in response.headers["Location"]
    return response.status_code in (401, 403, 405) or to_sign_in


def test_every_route_requires_credentials_or_is_listed_as_open(sqlite_app: Flask) -> None:
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    requests = list(_requests(sqlite_app))
    assert len(requests) > 100
    open_to_all = [
        f"{method} {rule}"
        for rule, method, path in requests
        if rule not in OPEN and not _is_refused(sqlite_app, method, path)
    ]
    assert open_to_all == []


def test_every_listed_open_route_exists(sqlite_app: Flask) -> None:
    assert set(OPEN) <= {rule.rule for rule in sqlite_app.url_map.iter_rules()}


def test_credentials_of_people_end_in_one_place() -> None:
    """So that a new kind of credential has one place to be ended in."""
    home = "app/services/sign_in/credentials.py"
    # Deletes only those that have expired.
    expired = "app/services/sign_in/sessions.py"
    ends = re.compile(r"delete\(UserSession\)|reference_keys\.revoke\(")
    modules = {tree.name(path) for path in tree.tracked(".py") if ends.search(path.read_text())}
    assert {name for name in modules if name.startswith("app/")} == {home, expired}
