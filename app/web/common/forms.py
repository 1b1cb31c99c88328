"""What all forms share: errors of the domain at their fields, in words."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.domain.common.errors import FieldError

LONG = 20_000


class CallboardForm(FlaskForm):
    """A form whose fields are judged by the domain, not here: what was typed goes there as it is,
    and what is wrong comes back through `take_errors`."""

    # Fields of the domain that have another name here, by the start of the domain's path.
    renamed: ClassVar[Mapping[str, str]] = {}

    def take_errors(self, errors: Iterable[FieldError]) -> None:
        for error in errors:
            words = f"{error.problem} {error.remedy}".strip()
            field = self._field_of(error.field)
            if field is None:
                self.form_errors.append(f"{error.field}: {words}" if error.field else words)
            else:
                field.errors = [*field.errors, words]

    def _field_of(self, path: str) -> Field | None:
        """The field that stands for `retry_policy.cap_seconds`, `headers.X-A` or `event_types[2]`;
        the longest name that fits."""
        name = path
        while name:
            found = self.renamed.get(name, name.replace(".", "_"))
            if found in self:
                return self[found]
            cut = max(name.rfind("."), name.rfind("["))
            name = name[:cut] if cut > 0 else ""
        return None


def choices(words: Mapping[str, str]) -> list[SelectChoice]:
    """Choices from their values and what a person reads."""
    return [SelectChoice(value, label) for value, label in words.items()]


def required(words: str) -> InputRequired:
    return InputRequired(words)


def lines(text: str | None) -> list[str]:
    """The lines that hold something, without the spaces around."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def number_or_text(text: str | None) -> int | float | str | None:
    """A number where it is one; else the text itself, about which the domain will complain. An
    empty one is None."""
    text = (text or "").strip()
    if not text:
        return None
    for convert in (int, float):
        try:
            return convert(text) if text.isascii() and "_" not in text else text
        except ValueError:
            continue
    return text
