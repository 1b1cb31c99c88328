"""Hooks of schemathesis: ids of existing objects, and what a valid request may be refused for.

Its command line imports this module by SCHEMATHESIS_HOOKS.
"""

import json
import os
import re
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

# By the name of a path parameter, or by operation and name.
IDS: dict[str, Any] = json.loads(os.environ["IDS"])
# A refusal by one of these codes is for a reason that no schema can say. All others can: types,
# lengths, ranges, characters, choices, required and unknown fields.
BEYOND_SCHEMAS = {
    "address": "where a host name leads is known at the time of the request",
    "certificate": "what a PEM text contains",
    "conflict": "two fields together",
    "cursor": "a cursor is opaque",
    "duplicate": "names of headers are compared without case",
    "email": "the grammar of addresses",
    "json": "the size of a document",
    "network": "an address with bits after its prefix",
    "number": "the digits of a number in a payload",
    "origin": "the grammar of URLs",
    "pem": "what a PEM text contains",
    "reserved": "names of headers are compared without case",
    "schema": "a JSON Schema that is itself invalid",
    "syntax": "the grammar of JMESPath",
    "url": "the grammar of URLs and host names",
}
# The same of single fields.
BEYOND_SCHEMAS_IN = {
    ("range", "until"): "the time of the request",
    ("range", "expires_at"): "the time of the request",
    ("range", "success_statuses"): "which end of a range is higher",
    ("range", "occurred_at"): "JSON Schema has no range of times",
    ("characters", "client_id"): "which characters can be printed",
    ("characters", "client_secret"): "which characters can be printed",
    ("characters", "password"): "which characters can be printed",
    ("characters", "scope"): "which characters can be printed",
    ("characters", "username"): "which characters can be printed",
    ("characters", "token_url"): "the grammar of URLs",
    ("range", "secret"): "a private key with the public key of another",
    ("unknown", "owner_id"): "who is a member",
    ("required", ""): "at least one of several fields",
    ("required", "status"): "one of two fields",
    ("format", "document"): "whether a document is OpenAPI",
    ("format", "uid"): "which texts are IDs of this server",
    ("format", "body_encoding"): "whether a text is base64",
    ("parameter", "value"): "which characters can be printed",
    ("parameter", "metadata"): "which characters can be printed",
}
# NUL is no character of a text, and numbers have 64 bits: payloads, samples and schemas are not
# described that far.
FREE_FORM = re.compile(r"NUL \(|The number .* is out of range")
REFUSED = frozenset({400, 413, 415, 422})


@schemathesis.hook
def map_path_parameters(context: HookContext, path_parameters: Any) -> Any:
    operation = context.operation.definition.raw["operationId"]
    for name in path_parameters or ():
        known = IDS.get(f"{operation}.{name}", IDS.get(name))
        if known is not None:
            path_parameters[name] = known
    return path_parameters


@schemathesis.hook
def before_call(
    context: HookContext,  # noqa: ARG001
    case: Case,
    kwargs: dict[str, Any],  # noqa: ARG001
) -> None:
    """Nobody waits for a callback, 25 seconds each time."""
    if case.operation.definition.raw["operationId"] == "fetchCallbacks":
        query = dict(case.query or {})
        # An invalid value stays; without one the server waits as long as it may.
        if str(query.get("wait", 25)) in map(str, range(26)):
            case.query = {**query, "wait": 0}


@schemathesis.check
def valid_request_is_accepted(
    context: CheckContext,  # noqa: ARG001
    response: Response,
    case: Case,
) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in REFUSED:
        return
    problem = response.json()
    if problem["code"] == "malformed" and FREE_FORM.search(problem["detail"]):
        return
    reasons = [(error["code"], error["field"]) for error in problem["errors"]]
    said = [reason for reason in reasons if not _is_beyond(*reason)]
    assert not said, f"The schema could have said it: {said}"
    assert reasons, f"The schema could have said it: {problem['detail']}"


def _is_beyond(code: str, field: str) -> bool:
    last = field.rpartition(".")[2]
    return code in BEYOND_SCHEMAS or (code, last) in BEYOND_SCHEMAS_IN
