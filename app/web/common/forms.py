"""Base class of all forms: show the domain's validation errors at their fields."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.domain.common.errors import FieldError
from app.web.common.problems import error_text

FIELDS_GUIDE = "reference/form-fields"


class CallboardForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that the domain validates: it gets the input unchanged, and `take_errors` puts its
    errors at the fields."""

    # {path of a field in the domain: name of the field here}, where they differ.
    renamed: ClassVar[Mapping[str, str]] = {}
    # What it is about: the guide to forms has a heading `Subject: Label` for each of its fields.
    # "": people who see the form do not see the guides.
    subject = ""
    # {field: where it is explained}, of fields that another guide explains.
    guides: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self._fields.items():
            field.guide = self.guides.get(name) or explained_at(self.subject, field.label.text)

    def take_errors(self, errors: Iterable[FieldError]) -> None:
        for error in errors:
            message = error_text(error)
            field = self._field_of(error.field)
            if field is None:
                self.form_errors.append(f"{error.field}: {message}" if error.field else message)
            else:
                field.errors = [*field.errors, message]

    def _field_of(self, path: str) -> Field | None:
        """The field for a path such as `retry_policy.cap_seconds`, `headers.X-A` or
        `event_types[2]`: the one with the longest matching name."""
        name = path
        while name:
            field_name = self.renamed.get(name, name.replace(".", "_"))
            if field_name in self:
                return self[field_name]
            cut = max(name.rfind("."), name.rfind("["))
            name = name[:cut] if cut > 0 else ""
        return None


def explained_at(subject: str, label: str) -> str:
    """The heading of a field in the guide to forms, with the anchor that the guides give it."""
    if not subject:
        return ""
    words = re.sub(r"[^\w\s-]", "", f"{subject} {label}").strip().lower()
    anchor = re.sub(r"[-\s]+", "-", words)
    return f"{FIELDS_GUIDE}#{anchor}"


def choices(labels: Mapping[str, str]) -> list[SelectChoice]:
    """labels: {value: what people read}"""
    return [SelectChoice(value, label) for value, label in labels.items()]


def required(message: str) -> InputRequired:
    return InputRequired(message)


def lines(text: str | None) -> list[str]:
    """The lines that are not blank, without surrounding spaces."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def number_or_text(text: str | None) -> int | float | str | None:
    """The number, None if empty, or the unchanged text if it is not numeric, which the domain then
    rejects."""
    text = (text or "").strip()
    if not text:
        return None
    for convert in (int, float):
        try:
            return convert(text) if text.isascii() and "_" not in text else text
        except ValueError:
            continue
    return text


def plain(value: Any) -> str:
    """A number as people type it: no exponent, no needless decimals; anything else as text."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
