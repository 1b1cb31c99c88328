"""How a webhook's requests authenticate at the receiver, besides headers of its own."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.addresses.urls import MAX_URL, check_url
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.names import TEXT_PATTERN
from app.domain.common.strict_json import kind_of
from app.domain.webhooks.credentials.oauth import OAuthClient
from app.domain.webhooks.headers import MAX_HEADER

HEADER = "Authorization"
# The value of "kind" for each way.
BASIC, BEARER, OAUTH2 = "basic", "bearer", "oauth2"
MAX_USERNAME, MAX_PASSWORD, MAX_TOKEN, MAX_SCOPE = 255, 1024, MAX_HEADER - 100, 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_COLON = r"^[^:\x00-\x1f\x7f]*$"
_TOKEN = re.compile(r"[!-~]+")
_AGAIN = "Enter it again: what is stored is not sent to another server."
_AGAIN_WHOLE = (
    "Send authentication again, or null to remove it: what is stored is not sent to another server."
)
_URL_REMEDY = "Use a URL such as https://id.example.com/oauth/token."

Authentication = dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A field of one way to authenticate. is_secret: a form never shows the stored value.
    fault: what is wrong with a text, or None. pattern: the same, as far as JSON Schema can say."""

    label: str
    max_length: int
    fault: Callable[[str], str | None]
    is_secret: bool = False
    is_required: bool = True
    remedy: str = ""
    pattern: str = TEXT_PATTERN


def _username_fault(text: str) -> str | None:
    if ":" in text:
        return "A user name cannot contain a colon."
    return _text_fault(text)


def _text_fault(text: str) -> str | None:
    if _CONTROL.search(text) or not text.isprintable():
        return "It contains a control character."
    return None


def _token_fault(text: str) -> str | None:
    return None if _TOKEN.fullmatch(text) else "A token is ASCII text without spaces."


def _url_fault(text: str) -> str | None:
    try:
        check_url(text)
    except Invalid as error:
        return error.errors[0].problem
    return None


KINDS: Mapping[str, str] = {
    BASIC: "Basic: user name and password",
    BEARER: "Bearer token",
    OAUTH2: "OAuth 2.0: client credentials",
}
PARTS: Mapping[str, Mapping[str, Part]] = {
    BASIC: {
        "username": Part("User name", MAX_USERNAME, _username_fault, pattern=_NO_COLON),
        "password": Part("Password", MAX_PASSWORD, _text_fault, is_secret=True, is_required=False),
    },
    BEARER: {
        "token": Part(
            "Token", MAX_TOKEN, _token_fault, is_secret=True, pattern=f"^{_TOKEN.pattern}$"
        )
    },
    OAUTH2: {
        "token_url": Part(
            "Token URL", MAX_URL, _url_fault, remedy=_URL_REMEDY, pattern="^https?://"
        ),
        "client_id": Part("Client ID", MAX_USERNAME, _text_fault),
        "client_secret": Part("Client secret", MAX_PASSWORD, _text_fault, is_secret=True),
        "scope": Part("Scope", MAX_SCOPE, _text_fault, is_required=False),
    },
}


def check_authentication(value: object, field: str = "authentication") -> Authentication:
    """Return the object with its kind and all parts. Raises Invalid with every error."""
    examples = 'such as {"kind": "bearer", "token": "..."}'
    if not isinstance(value, dict):
        problem = f"Expected an object, got {kind_of(value)}."
        raise invalid(field, "type", problem, f"Use an object {examples}, or null.")
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        remedy = f"Use one of {', '.join(KINDS)}, {examples}."
        raise invalid(f"{field}.kind", "choice", "Unknown kind.", remedy)
    errors = list(_faults(kind, value, field))
    if errors:
        raise Invalid(errors)
    return {"kind": kind} | {name: value.get(name) or "" for name in PARTS[kind]}


def _faults(kind: str, value: Mapping[Any, Any], field: str) -> Iterator[FieldError]:
    parts = PARTS[kind]
    known = f"Fields of {kind}: {', '.join(parts)}."
    for name in value:
        if name != "kind" and name not in parts:
            yield FieldError(f"{field}.{str(name)[:60]}", "unknown", "Unknown field.", known)
    for name, part in parts.items():
        path, text = f"{field}.{name}", value.get(name)
        remedy = part.remedy or f"Use 1 to {part.max_length} characters."
        if text is None or text == "":
            if part.is_required:
                yield FieldError(path, "required", f"{part.label}: missing.", remedy)
        elif not isinstance(text, str):
            problem = f"Expected a string, got {kind_of(text)}."
            yield FieldError(path, "type", problem, remedy)
        elif len(text) > part.max_length:
            yield FieldError(path, "length", f"It has {len(text)} characters.", remedy)
        elif (fault := part.fault(text)) is not None:
            yield FieldError(path, "characters", fault, remedy)


def schema() -> dict[str, Any]:
    """The JSON Schema of the object."""
    return {"oneOf": [_schema_of(kind) for kind in KINDS]}


def _schema_of(kind: str) -> dict[str, Any]:
    parts = PARTS[kind]
    properties: dict[str, Any] = {"kind": {"type": "string", "enum": [kind]}}
    for name, part in parts.items():
        shortest = {"minLength": 1} if part.is_required else {}
        properties[name] = {
            "type": "string",
            **shortest,
            "maxLength": part.max_length,
            "pattern": part.pattern,
        }
    required = ["kind", *(name for name, part in parts.items() if part.is_required)]
    return {
        "type": "object",
        "title": kind,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def dumped(authentication: Mapping[str, str]) -> str:
    """As text, to be encrypted."""
    return json.dumps(authentication, ensure_ascii=False)


def parsed(text: str) -> Authentication:
    """Undo `dumped`."""
    document: Authentication = json.loads(text)
    return document


def authorization(authentication: Mapping[str, str]) -> str:
    """The value of the header Authorization, for kinds that need no token."""
    if authentication["kind"] == BEARER:
        return f"Bearer {authentication['token']}"
    pair = f"{authentication['username']}:{authentication['password']}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def oauth_client(authentication: Mapping[str, str] | None) -> OAuthClient | None:
    """None: of another kind."""
    if authentication is None or authentication["kind"] != OAUTH2:
        return None
    return OAuthClient(**{name: authentication[name] for name in PARTS[OAUTH2]})


def with_hidden(authentication: Mapping[str, str], text: str) -> Authentication:
    """The same with `text` for each part that is secret and set."""
    parts = PARTS[authentication["kind"]]
    return {
        name: text if value and name in parts and parts[name].is_secret else value
        for name, value in authentication.items()
    }


def secret_of(authentication: Mapping[str, str]) -> str:
    """The part that only people who manage webhooks may see."""
    parts = PARTS[authentication["kind"]]
    return next((authentication[name] for name, part in parts.items() if part.is_secret), "")


def with_stored(
    authentication: Mapping[str, str],
    stored: Mapping[str, str] | None,
    text: str,
    *,
    is_moved: bool = False,
    field: str = "authentication",
) -> Authentication:
    """Undo `with_hidden`. A part without a stored value becomes empty.

    is_moved: the webhook's requests go to another host. Invalid: a stored secret would be sent to
    another server than the one it was entered for."""
    known = stored if stored and stored["kind"] == authentication["kind"] else {}
    what = "host of the URL" if is_moved else _changed_url(authentication, known, text)
    parts = PARTS.get(authentication["kind"], {})
    errors = [
        FieldError(f"{field}.{name}", "required", f"The {what} has changed.", _AGAIN)
        for name, part in parts.items()
        if what and part.is_secret and known.get(name) and authentication.get(name) == text
    ]
    if errors:
        raise Invalid(errors)
    return {
        name: known.get(name, "") if value == text else value
        for name, value in authentication.items()
    }


def _changed_url(authentication: Mapping[str, str], known: Mapping[str, str], text: str) -> str:
    """The label of the URL that gets the secrets, if it is not the stored one."""
    name = "token_url"
    is_same = authentication.get(name) in (known.get(name), text)
    return "" if is_same else PARTS[OAUTH2][name].label


def refuse_move(before: str, after: str, field: str = "authentication") -> None:
    """Invalid: the stored authentication would be sent to another host, because a change of the
    URL names no authentication. before, after: URLs."""
    if check_url(before).origin != check_url(after).origin:
        raise invalid(field, "required", "The host of the URL has changed.", _AGAIN_WHOLE)
