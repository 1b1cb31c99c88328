"""How a form edits a setting: its controls, what they hold, and what they mean to the API."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.webhooks.settings.setting import Setting
from app.domain.webhooks.settings.types import Choice, Custom, Integer
from app.web.common.forms import choices, lines, number_or_text, plain
from app.web.webhooks import authentication_widget, retry_policy_widget
from app.web.webhooks.authentication_widget import MASKED

Controls = dict[str, Any]
# As a browser submits them: any number of values for each control.
Values = dict[str, list[str]]


class Omitted:
    """The setting is not part of the request: what is stored stays."""


OMITTED = Omitted()


@dataclass(frozen=True, slots=True)
class Widget:
    """controls: WTForms fields by name. read: the value for the API, None if empty, or OMITTED.
    fill: the controls' values for a stored value. note: what the hint says of the way to type."""

    controls: Callable[[Setting], Controls]
    read: Callable[[Form, Setting], Any]
    fill: Callable[[Setting, Any], Values]
    note: str = ""


# An example at the end of a hint has no full stop, which could be typed with it.
EXAMPLE_END = "\0"


def hint(setting: Setting) -> str:
    sentences = [setting.help, WIDGETS[setting.widget].note]
    if _shows_example(setting):
        example = WIDGETS[setting.widget].fill(setting, setting.example)[setting.name][0]
        sentences.append(f"Example: {example}{EXAMPLE_END}")
    if setting.when_empty and setting.widget not in ("checkbox", "authentication"):
        sentences.append(f"Leave blank for {setting.when_empty}.")
    text = " ".join(sentence for sentence in sentences if sentence)
    return text.removesuffix(EXAMPLE_END).replace(EXAMPLE_END, ".")


def _shows_example(setting: Setting) -> bool:
    has_syntax = isinstance(setting.type, Custom) and setting.monospace
    return has_syntax and not setting.is_secret and not setting.placeholder


def _text(form: Form, setting: Setting) -> str | None:
    text = (form[setting.name].data or "").strip().replace("\r\n", "\n")
    return text or None


def _fill_text(setting: Setting, value: Any) -> Values:
    return {setting.name: ["" if value is None else plain(value)]}


def _attributes(setting: Setting) -> dict[str, Any]:
    attributes: dict[str, Any] = {"autocomplete": "off"}
    if setting.monospace:
        attributes["spellcheck"] = "false"
    if setting.placeholder:
        attributes["placeholder"] = setting.placeholder
    return attributes


def _input(**more: Any) -> Callable[[Setting], Controls]:
    return lambda setting: {
        setting.name: StringField(setting.label, render_kw=_attributes(setting) | more)
    }


def _textarea(setting: Setting) -> Controls:
    attributes = _attributes(setting) | {"rows": 2}
    return {setting.name: TextAreaField(setting.label, render_kw=attributes)}


def _number(setting: Setting) -> Controls:
    mode = "numeric" if isinstance(setting.type, Integer) else "decimal"
    return _input(inputmode=mode)(setting)


def _choice(field: Callable[..., Any]) -> Callable[[Setting], Controls]:
    def controls(setting: Setting) -> Controls:
        assert isinstance(setting.type, Choice), setting.name
        labels = choices(setting.type.labels)
        return {setting.name: field(setting.label, choices=labels, validate_choice=False)}

    return controls


def _checkbox(setting: Setting) -> Controls:
    return {setting.name: BooleanField(setting.label)}


def _fill_checkbox(setting: Setting, value: Any) -> Values:
    return {setting.name: ["y"] if value else []}


def _fill_lines(setting: Setting, value: Any) -> Values:
    return {setting.name: ["\n".join(value or [])]}


def _headers(form: Form, setting: Setting) -> list[list[str]]:
    """A line without a colon becomes a name without a value, which the domain's rule reports."""
    pairs = [line.partition(":") for line in lines(form[setting.name].data)]
    return [[name.strip(), value.strip()] for name, _, value in pairs]


def _fill_headers(setting: Setting, value: Any) -> Values:
    pairs = value.items() if isinstance(value, dict) else value
    return {setting.name: ["\n".join(f"{name}: {text}" for name, text in pairs)]}


def _secret_headers(form: Form, setting: Setting) -> list[list[str]] | None:
    return _headers(form, setting) or None


def masked_headers(names: Iterable[str]) -> Values:
    """The control's values for stored headers, whose values the form does not show."""
    return {"secret_headers": ["\n".join(f"{name}: {MASKED}" for name in names)]}


def _comma_separated(form: Form, setting: Setting) -> list[str] | None:
    parts = [part.strip() for part in (form[setting.name].data or "").split(",")]
    return [part for part in parts if part] or None


def _fill_comma_separated(setting: Setting, value: Any) -> Values:
    return {setting.name: [", ".join(str(item) for item in value)]}


def _json(form: Form, setting: Setting) -> Any:
    text = _text(form, setting)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return text


def _fill_json(setting: Setting, value: Any) -> Values:
    return {setting.name: [json.dumps(value, ensure_ascii=False) if value else ""]}


def _event_types(setting: Setting) -> Controls:
    scopes = choices({"all": "All event types, including new ones", "selected": "Selected"})
    return {
        f"{setting.name}_scope": RadioField(setting.label, choices=scopes, validate_choice=False),
        setting.name: SelectMultipleField(
            setting.label,
            choices=[],
            validate_choice=False,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
        ),
        f"{setting.name}_more": TextAreaField(
            "Other event types", render_kw={"rows": 2, "spellcheck": "false"}
        ),
    }


def _selected_event_types(form: Form, setting: Setting) -> list[str] | None:
    if form[f"{setting.name}_scope"].data != "selected":
        return None
    others = lines(form[f"{setting.name}_more"].data)
    return list(dict.fromkeys([*(form[setting.name].data or []), *others]))


def _fill_event_types(setting: Setting, value: Any) -> Values:
    scope = "all" if value is None else "selected"
    return {f"{setting.name}_scope": [scope], setting.name: list(value or [])}


def _secret(setting: Setting) -> Controls:
    remove = BooleanField(f"Remove the {setting.label.lower()}")
    return _input()(setting) | {f"remove_{setting.name}": remove}


def _pem(setting: Setting) -> Controls:
    remove = BooleanField(f"Remove the {setting.label.lower()}")
    return _textarea(setting) | {f"remove_{setting.name}": remove}


def _new_secret(form: Form, setting: Setting) -> Any:
    text = _text(form, setting)
    if text is None and not form[f"remove_{setting.name}"].data:
        return OMITTED
    return text


WIDGETS = {
    "text": Widget(_input(), _text, _fill_text),
    "url": Widget(_input(type="url", inputmode="url"), _text, _fill_text),
    "method": Widget(_input(list="methods"), _text, _fill_text),
    "textarea": Widget(_textarea, _text, _fill_text),
    "number": Widget(
        _number, lambda form, setting: number_or_text(form[setting.name].data), _fill_text
    ),
    "select": Widget(_choice(SelectField), _text, _fill_text),
    "preset": Widget(_choice(SelectField), _text, _fill_text),
    "radio": Widget(_choice(RadioField), _text, _fill_text),
    "checkbox": Widget(_checkbox, lambda form, setting: form[setting.name].data, _fill_checkbox),
    "lines": Widget(
        _textarea,
        lambda form, setting: lines(form[setting.name].data) or None,
        _fill_lines,
        "One per line.",
    ),
    "headers": Widget(_textarea, _headers, _fill_headers, "One per line."),
    "secret_headers": Widget(
        _textarea,
        _secret_headers,
        _fill_headers,
        f"One per line. {MASKED} keeps a stored value.",
    ),
    "comma_separated": Widget(_input(), _comma_separated, _fill_comma_separated),
    "json": Widget(_textarea, _json, _fill_json),
    "event_types": Widget(_event_types, _selected_event_types, _fill_event_types),
    "retry_policy": Widget(
        retry_policy_widget.controls, retry_policy_widget.read, retry_policy_widget.fill
    ),
    "authentication": Widget(
        authentication_widget.controls,
        authentication_widget.read,
        authentication_widget.fill,
        f"{MASKED} keeps a stored value.",
    ),
    "pem": Widget(_pem, _new_secret, lambda setting, _value: {setting.name: [""]}),
    "secret": Widget(_secret, _new_secret, lambda setting, _value: {setting.name: [""]}),
}
