"""Complete the settings that a caller gave with those of the preset or of the existing webhook."""

import copy
import difflib
from typing import Any, Literal

from app.domain.common.errors import FieldError, Invalid
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS, Preset
from app.domain.webhooks.retry_policies import RetryPolicy
from app.domain.webhooks.schemes import STANDARD
from app.domain.webhooks.settings.catalogue import BY_NAME, FROM_PRESET, OWNER_SECRETS, SETTINGS
from app.domain.webhooks.settings.setting import PRESET, REQUIRED
from app.domain.webhooks.signing import kind_of

Mode = Literal["create", "patch", "replace"]
Settings = dict[str, Any]

FIELDS = tuple(BY_NAME)
# Updates keep these unless they mention them, whatever their mode.
_KEPT = {setting.column for setting in OWNER_SECRETS}
_MAX_UNKNOWN_REPORTED = 20
_MAX_NAME_REPORTED = 60


def complete(
    changes: dict[str, Any],
    *,
    existing: Settings | None,
    mode: Mode,
    allow_unknown: bool = False,
) -> Settings:
    """Return all settings by column name, ready to be stored.

    changes: by field name, as the caller gave them; null sets the default.
    existing: the webhook's settings by column name; None on `create`. It may lack `api_key` and
    `secret_token`: the result has those only if `existing` or `changes` does. It has `secret` only
    if `changes` does.
    allow_unknown: ignore unknown fields. Raises Invalid with every error.
    """
    errors = [] if allow_unknown else _unknown_fields(changes)
    checked = _checked(changes, errors)
    nulls = {name for name in FIELDS if name in changes and changes[name] is None}
    before = existing or {}
    preset = checked.get("preset")
    if preset is None:
        keeps_preset = mode == "patch" and "preset" not in nulls
        preset = before["preset"] if keeps_preset else DEFAULT_PRESET
    settings = _base(preset, before, mode)
    settings |= {BY_NAME[name].column: value for name, value in checked.items()}
    for name in nulls - {"secret"}:
        settings[BY_NAME[name].column] = defaults(preset).get(BY_NAME[name].column)
    _check_header_names(checked, errors)
    _apply_body_rules(settings, checked, errors)
    _apply_signing_rules(settings, checked, errors)
    if settings.get("url") is None and not any(error.field == "url" for error in errors):
        remedy = "Add the URL to send to, such as https://example.com/hook."
        errors.append(FieldError("url", "required", "The URL is missing.", remedy))
    if errors:
        raise Invalid(errors)
    settings["once_source"] = _once_source(settings)
    return settings


def defaults(preset_name: str) -> Settings:
    """The settings, by column name, of a webhook that was created with only a URL and a preset."""
    preset = PRESETS[preset_name]
    values = {
        setting.column: _preset_value(preset, setting.name)
        if setting.default is PRESET
        else copy.deepcopy(setting.default)
        for setting in SETTINGS
        if setting.default is not REQUIRED and setting.secrecy != "write_only"
    }
    return values | {"preset": preset.name}


def _preset_value(preset: Preset, name: str) -> Any:
    value = getattr(preset, name)
    if isinstance(value, RetryPolicy):
        return value.document()
    return list(value) if isinstance(value, tuple) else value


def _unknown_fields(changes: dict[str, Any]) -> list[FieldError]:
    errors = []
    for unknown in [name for name in changes if name not in BY_NAME][:_MAX_UNKNOWN_REPORTED]:
        name = unknown[:_MAX_NAME_REPORTED]
        close = difflib.get_close_matches(name, FIELDS, 1)
        remedy = f"Did you mean {close[0]}?" if close else f"Known fields: {', '.join(FIELDS)}."
        errors.append(FieldError(name, "unknown", "Unknown field.", remedy))
    return errors


def _checked(changes: dict[str, Any], errors: list[FieldError]) -> Settings:
    """Return the valid values by field name; append what is wrong with the others to `errors`."""
    checked = {}
    for setting in SETTINGS:
        value = changes.get(setting.name)
        if value is None:
            continue
        try:
            checked[setting.name] = setting.type.check(value, setting.name)
        except Invalid as error:
            errors += error.errors
    return checked


def _base(preset: str, existing: Settings, mode: Mode) -> Settings:
    fresh = defaults(preset)
    if mode == "create":
        return fresh
    if mode == "replace":
        retained = {name: existing[name] for name in _KEPT if name in existing}
        return {name: fresh[name] for name in fresh if name not in _KEPT} | retained
    base = {name: existing[name] for name in ("url", *fresh) if name in existing}
    return base | _preset_change(preset, existing)


def _preset_change(preset: str, existing: Settings) -> Settings:
    """Return the settings to change along with the preset: those with the old preset's values."""
    if preset == existing["preset"]:
        return {}
    old, new = defaults(existing["preset"]), defaults(preset)
    columns = [setting.column for setting in FROM_PRESET]
    return {"preset": preset} | {name: new[name] for name in columns if existing[name] == old[name]}


def _check_header_names(checked: Settings, errors: list[FieldError]) -> None:
    names = {name.lower() for name, _ in checked.get("headers", ())}
    for name, _ in checked.get("secret_headers", ()):
        if name.lower() in names:
            problem = f"The header {name[:60]} is also in headers."
            remedy = "Use it once: under secret_headers if it is a credential."
            errors.append(FieldError(f"secret_headers.{name}", "duplicate", problem, remedy))


def _apply_body_rules(settings: Settings, checked: Settings, errors: list[FieldError]) -> None:
    """Only the format `custom` has an expression and a choice of encoding."""
    body_format = settings["body_format"]
    if body_format == "custom":
        return
    encoding = "form" if body_format == "form_callback" else "json"
    fixed = {"body_expression": None, "body_encoding": encoding}
    for name, value in fixed.items():
        if checked.get(name, value) != value:
            problem = f"The body format {body_format} does not allow this."
            remedy = f"Remove {name}, or set body_format to custom."
            errors.append(FieldError(name, "conflict", problem, remedy))
    settings |= fixed


def _apply_signing_rules(settings: Settings, checked: Settings, errors: list[FieldError]) -> None:
    """A secret must match the kind of signature; without a kind, the secret selects it."""
    _check_scheme(settings, checked, errors)
    secret = checked.get("secret")
    if secret is None or settings["signing"] == "none":
        return
    kind = kind_of(secret)
    if "signing" not in checked:
        settings["signing"] = kind
    elif settings["signing"] != kind:
        problem = f"The secret is for {kind}, but signing is {settings['signing']}."
        remedy = "Use whsec_ with v1 and whsk_ with v1a, or omit the secret to generate one."
        errors.append(FieldError("secret", "conflict", problem, remedy))


def _check_scheme(settings: Settings, checked: Settings, errors: list[FieldError]) -> None:
    """Other schemes than the standard's have HMAC signatures only, and no header has two values."""
    scheme, header = settings["signature_scheme"], settings["signature_header"]
    secret = checked.get("secret")
    is_ed25519 = settings["signing"] == "v1a" or (
        "signing" not in checked and secret is not None and kind_of(secret) == "v1a"
    )
    if scheme != STANDARD and is_ed25519:
        problem = f"The signature scheme {scheme} needs a shared secret, but signing is v1a."
        remedy = "Set signing to v1, or signature_scheme to standard."
        errors.append(FieldError("signature_scheme", "conflict", problem, remedy))
    token_header = settings["secret_header"]
    if header is not None and token_header is not None and header.lower() == token_header.lower():
        problem = f"The header {header[:60]} already carries the secret token."
        remedy = "Use two names."
        errors.append(FieldError("signature_header", "duplicate", problem, remedy))


def _once_source(settings: Settings) -> str | None:
    """The source that a one-time webhook is looked up by: its only one."""
    sources = settings["sources"]
    return sources[0] if settings["once"] and sources and len(sources) == 1 else None
