"""Authentication in a form: a kind, and the parts of that kind."""

from collections.abc import Mapping
from typing import Any

from wtforms import Form, SelectField, StringField

from app.domain.webhooks.credentials.authentication import KINDS, PARTS, with_hidden
from app.domain.webhooks.settings.setting import Setting
from app.web.common.forms import choices

# Stands for a stored value that the form does not show.
MASKED = "********"
NONE = ""


def controls(setting: Setting) -> dict[str, Any]:
    options = choices({NONE: "None"} | dict(KINDS))
    kind = SelectField(setting.label, choices=options, validate_choice=False)
    fields: dict[str, Any] = {f"{setting.name}_kind": kind}
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    for parts in PARTS.values():
        for name, part in parts.items():
            fields[f"{setting.name}_{name}"] = StringField(part.label, render_kw=attributes)
    return fields


def read(form: Form, setting: Setting) -> dict[str, Any] | None:
    kind = form[f"{setting.name}_kind"].data
    if not kind:
        return None
    texts = {name: form[f"{setting.name}_{name}"].data for name in PARTS.get(kind, ())}
    return {"kind": kind} | {name: text for name, text in texts.items() if text}


def fill(setting: Setting, value: Mapping[str, str] | None) -> dict[str, list[str]]:
    fields = {"kind": NONE} | {name: "" for parts in PARTS.values() for name in parts}
    return {f"{setting.name}_{name}": [text] for name, text in (fields | dict(value or {})).items()}


def masked(setting: Setting, stored: Mapping[str, str] | None) -> dict[str, list[str]]:
    """The controls' values for what is stored."""
    return fill(setting, stored and with_hidden(stored, MASKED))
