"""A webhook's settings: what a caller gave, on top of what its preset or the webhook itself has."""

import difflib
from typing import Any, Literal

from app.domain.common.errors import FieldError, Invalid
from app.domain.webhooks.fields import RULES
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.domain.webhooks.signing import kind_of

Mode = Literal["create", "patch", "replace"]
Settings = dict[str, Any]

FIELDS = tuple(RULES)
# Kept by an update that does not mention them, whatever its mode.
_KEPT = ("api_key", "secret_token")
# The names of columns where they differ from the fields'.
_COLUMNS = {"metadata": "meta"}
_OF_THE_PRESET = (
    "method",
    "body_format",
    "body_encoding",
    "success_statuses",
    "timeout_seconds",
    "retry_policy",
    "secret_header",
)


def complete(
    given: dict[str, Any],
    *,
    existing: Settings | None,
    mode: Mode,
    allow_unknown: bool = False,
) -> Settings:
    """All settings, by the names of the columns, as they are to be stored.

    existing: the webhook's settings in the same form; None on `create`. `api_key` and
    `secret_token` may be missing from it: they are in the answer only if they are in it, or given;
    `secret` only if it is given. A field that is null gets its default.
    allow_unknown: pass over fields that there are not. Invalid: all that is wrong.
    """
    errors = [] if allow_unknown else _unknown(given)
    checked = _checked(given, errors)
    nulls = {name for name in FIELDS if name in given and given[name] is None}
    before = existing or {}
    preset = checked.get("preset")
    if preset is None:
        is_kept = mode == "patch" and "preset" not in nulls
        preset = before["preset"] if is_kept else DEFAULT_PRESET
    settings = _base(preset, before, mode)
    settings |= {_column(name): value for name, value in checked.items()}
    for name in nulls - {"secret"}:
        settings[_column(name)] = defaults(preset).get(_column(name))
    _settle_body(settings, checked, errors)
    _settle_signing(settings, checked, errors)
    if settings.get("url") is None and not any(error.field == "url" for error in errors):
        remedy = "Give the URL to send to, such as https://example.com/hook."
        errors.append(FieldError("url", "required", "There is no URL.", remedy))
    if errors:
        raise Invalid(errors)
    settings["once_source"] = _once_source(settings)
    return settings


def defaults(preset_name: str) -> Settings:
    """What a webhook of this preset has when nothing but its URL is given, by column."""
    preset = PRESETS[preset_name]
    return {
        "name": "",
        "description": "",
        "once": False,
        "preset": preset.name,
        "method": preset.method,
        "body_format": preset.body_format,
        "body_expression": None,
        "body_encoding": preset.body_encoding,
        "event_types": None,
        "sources": None,
        "filter": None,
        "headers": [],
        "api_key": None,
        "secret_token": None,
        "secret_header": preset.secret_header,
        "success_statuses": list(preset.success_statuses),
        "timeout_seconds": float(preset.timeout_seconds),
        "retry_policy": preset.retry_policy.document(),
        "rate_limit_per_second": None,
        "max_in_flight": 32,
        "ordered": False,
        "signing": "v1",
        "is_active": True,
        "meta": {},
    }


def _unknown(given: dict[str, Any]) -> list[FieldError]:
    errors = []
    for name in [name for name in given if name not in RULES][:20]:
        close = difflib.get_close_matches(name[:60], FIELDS, 1)
        remedy = f"Did you mean {close[0]}?" if close else f"A webhook has {', '.join(FIELDS)}."
        errors.append(FieldError(name[:60], "unknown", "There is no such field.", remedy))
    return errors


def _checked(given: dict[str, Any], errors: list[FieldError]) -> Settings:
    """What was given and is right, by field; what is wrong goes to `errors`."""
    checked = {}
    for name, rule in RULES.items():
        value = given.get(name)
        if value is None:
            continue
        try:
            checked[name] = rule(value, name)
        except Invalid as error:
            errors += error.errors
    return checked


def _column(field: str) -> str:
    return _COLUMNS.get(field, field)


def _base(preset: str, existing: Settings, mode: Mode) -> Settings:
    fresh = defaults(preset)
    if mode == "create":
        return fresh
    if mode == "replace":
        kept = {name: existing[name] for name in _KEPT if name in existing}
        return {name: fresh[name] for name in fresh if name not in _KEPT} | kept
    base = {name: existing[name] for name in ("url", *fresh) if name in existing}
    return base | _rebased(preset, existing)


def _rebased(preset: str, existing: Settings) -> Settings:
    """What a change of the preset brings with it: the fields that still are as the old one has
    them become as the new one has them."""
    if preset == existing["preset"]:
        return {}
    old, new = defaults(existing["preset"]), defaults(preset)
    untouched = [name for name in _OF_THE_PRESET if existing[name] == old[name]]
    return {"preset": preset} | {name: new[name] for name in untouched}


def _settle_body(settings: Settings, checked: Settings, errors: list[FieldError]) -> None:
    """Only the format `custom` has an expression, and a choice of encoding."""
    body_format = settings["body_format"]
    if body_format == "custom":
        return
    encoding = "form" if body_format == "form_callback" else "json"
    right = {"body_expression": None, "body_encoding": encoding}
    for name, value in right.items():
        if checked.get(name, value) != value:
            problem = f"A body of the format {body_format} has none of its own."
            remedy = "Leave it out, or set body_format to custom."
            errors.append(FieldError(name, "conflict", problem, remedy))
    settings |= right


def _settle_signing(settings: Settings, checked: Settings, errors: list[FieldError]) -> None:
    """A secret is of the kind that signs; given alone, it decides the kind."""
    secret = checked.get("secret")
    if secret is None or settings["signing"] == "none":
        return
    kind = kind_of(secret)
    if "signing" not in checked:
        settings["signing"] = kind
    elif settings["signing"] != kind:
        problem = f"It is a secret for {kind}, and signing is {settings['signing']}."
        remedy = "Use whsec_ with v1 and whsk_ with v1a, or leave the secret out to have one made."
        errors.append(FieldError("secret", "conflict", problem, remedy))


def _once_source(settings: Settings) -> str | None:
    """The source by which a `once` webhook is found: the only one that it names."""
    sources = settings["sources"]
    return sources[0] if settings["once"] and sources and len(sources) == 1 else None
