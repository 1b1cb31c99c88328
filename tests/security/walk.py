"""Send every kind of request as every kind of caller, and compare with the declaration."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.security.callers import Caller
from tests.security.declared import (
    APIS,
    BODIES,
    FIELDS,
    FILTERS,
    INSIDE_PORTALS,
    NAMES,
    OWN,
    PAGES,
    READ_IN_A_BROWSER,
    SIGNS_OUT,
    requests_of,
)
from tests.security.levels import ANYONE, PLATFORM_OWNER
from tests.security.sample_rows import CANARY
from tests.security.two_organizations import Scene

# These respond with 404 in their surface's shape, whatever the caller.
UNMATCHED = re.compile(
    r"<(last_)?rest:rest>$|^/(v1|api|edit|api/v1|api/auth|api/v1/auth|api/v1/stats)$"
)
_VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass
class Outcome:
    """tried, refused: requests by caller. errors: what differs from the declaration."""

    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def rules(app: Flask) -> list[tuple[str, str]]:
    """(method, rule) of all that is served, without HEAD and OPTIONS, and without the variant with
    a slash at the end."""
    matches = set()
    declared = requests_of(PAGES) | requests_of(APIS)
    for rule in app.url_map.iter_rules():
        text = rule.rule.rstrip("/") or "/"
        if UNMATCHED.search(text):
            continue
        if rule.methods is not None:
            methods = rule.methods - {"HEAD", "OPTIONS"}
        else:
            # An API's rule takes every method, and responds with 405 to those without a route.
            methods = {method for method, path in declared if path == text} or {"ANY"}
        matches |= {(method, text) for method in methods}
    return sorted(matches)


def api_routes() -> set[tuple[str, str]]:
    """(method, rule) of the routes of all API surfaces, as they declare them."""
    from app.api import ROUTES
    from app.api.listeners.relay import SURFACE as LISTENERS
    from app.compat.asset.routes import DIALECT as ASSET
    from app.compat.encoding.routes import DIALECT as ENCODING
    from app.compat.form_callback.routes import DIALECT as FORM_CALLBACK
    from app.compat.live_channel.routes import DIALECT as LIVE_CHANNEL
    from app.compat.render.routes import DIALECT as RENDER
    from app.compat.svix.routes import DIALECT as SVIX

    routes = {(route.method, route.path) for route in (*ROUTES, *LISTENERS.routes)}
    for dialect in (ASSET, ENCODING, FORM_CALLBACK, LIVE_CHANNEL, RENDER, SVIX):
        routes |= {(route.method, route.path) for route in dialect.surface().routes}
    return routes


@dataclass(frozen=True)
class Try:
    """One request: of this route, which has this need, by this caller."""

    method: str
    rule: str
    need: str
    caller: Caller

    @property
    def must_pass(self) -> bool:
        """A member of the other organization passes to its own things."""
        caller, rule = self.caller, self.rule
        if not caller.may(self.need, rule) or OWN.get(rule, caller.name) != caller.name:
            return False
        if caller.is_browser and not (self.method == "GET" and rule in READ_IN_A_BROWSER):
            return False
        names_a_thing = _VARIABLE.search(rule) is not None or rule in FIELDS
        return self.is_operator or not (caller.is_other and names_a_thing)

    @property
    def is_operator(self) -> bool:
        """Whether it concerns every organization."""
        return self.need == PLATFORM_OWNER and self.need in self.caller.needs

    @property
    def may_do_either(self) -> bool:
        names = NAMES & set(_VARIABLE.findall(self.rule))
        return self.caller.is_other and (bool(names) or self.rule in FILTERS)

    @property
    def may_change(self) -> bool:
        """Whether it may change things of the first organization."""
        return self.must_pass and (self.is_operator or not self.caller.is_outsider)

    def fields(self, ids: dict[str, str]) -> dict[str, str]:
        fields = FIELDS.get(self.rule, {})
        return {name: value.format_map(ids) for name, value in fields.items()}

    def path(self, ids: dict[str, str]) -> str:
        path = _VARIABLE.sub(lambda match: ids.get(match[1], "x"), self.rule)
        return self.caller.prefix + path


def walk(scene: Scene, table: dict[str, str], callers: list[Caller]) -> Outcome:
    """table: PAGES or APIS."""
    outcome = Outcome()
    for (method, rule), need in sorted(requests_of(table).items()):
        for caller in callers:
            attempt = Try(method, rule, need, caller)
            problems, status, refused = _sent(scene, attempt)
            outcome.tried[caller.name] += 1
            outcome.refused[caller.name] += refused
            what = f"{method} {rule} as {caller.name}: {status}"
            outcome.errors += [f"{what}: {problem}" for problem in problems]
    return outcome


def _sent(scene: Scene, attempt: Try) -> tuple[list[str], int, bool]:
    before = scene.commits()
    fields, body = attempt.fields(scene.ids), BODIES.get((attempt.method, attempt.rule))
    sent: dict[str, Any] = {"query_string" if attempt.method == "GET" else "data": fields}
    if body is not None:
        sent = {"json": body}
    with attempt.caller.client(scene.app).open(
        attempt.path(scene.ids),
        method=attempt.method,
        headers=attempt.caller.headers,
        **(sent if fields or body else {}),
    ) as response:
        text = response.get_data()
        problems = list(_problems(attempt, response, text))
        status, refused = response.status_code, is_refused(response)
    if scene.commits() != before:
        if not attempt.may_change:
            problems += [f"changed {name}" for name in scene.changed()]
        scene.restore()
    return problems, status, refused


def is_refused(response: TestResponse) -> bool:
    leads_to_sign_in = response.location is not None and "/sign-in" in response.location
    return response.status_code in (401, 403, 404, 405) or leads_to_sign_in


def _problems(attempt: Try, response: TestResponse, text: bytes) -> Iterator[str]:
    # Not ready, because there is no worker.
    # 501: a path of a dialect that says what it does not carry.
    if response.status_code >= 500 and response.status_code != 501 and attempt.rule != "/readyz":
        yield "a fault of ours"
    is_outsider = attempt.caller.is_outsider and not attempt.is_operator
    if CANARY.encode() in text and is_outsider:
        yield "shows another organization's data"
    is_open = attempt.need == ANYONE or attempt.rule.startswith(INSIDE_PORTALS)
    if is_open or attempt.may_do_either:
        return
    if attempt.must_pass and is_refused(response) and attempt.rule not in SIGNS_OUT:
        yield "refused, although it is declared"
    if not attempt.must_pass and not is_refused(response):
        yield "let in, although it is not declared"
