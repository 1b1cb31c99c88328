"""The declaration of one webhook setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Protocol


class Default(Enum):
    """REQUIRED: the caller must give a value. PRESET: the preset's attribute of the same name."""

    REQUIRED = "required"
    PRESET = "preset"


REQUIRED, PRESET = Default.REQUIRED, Default.PRESET

Secrecy = Literal["public", "owner", "write_only"]


class ValueType(Protocol):
    """The rule for a value, and its JSON Schema."""

    @property
    def widget(self) -> str:
        """How a form edits such values, unless the setting names another widget."""

    def check(self, value: Any, field: str) -> Any:
        """Return the value as it is stored. Raise Invalid with what to change; null never arrives.

        field: the path to name in errors.
        """

    def input_schema(self) -> dict[str, Any]: ...

    def output_schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that the API, the form, the audit log and OpenAPI need to know about a setting.

    name: the API's field. column: its attribute in the table's model, if that differs.
    default: the stored value of a webhook for which nothing was given, or a Default.
    nullable: null is a value of its own; for every other setting null means the default.
    secrecy: `public`; `owner`: sealed in the database, kept by updates that omit it, shown
    only when one webhook is read, never in lists or the audit log; `write_only`: never shown.
    label: the form's words for it. help: what it does, in full sentences.
    when_empty: what null or a blank field stands for, such as `no limit`.
    example: a valid value that no preset has by default; documentation and tests use it.
    widget: see app/web/webhooks/widgets.py; empty: the widget of the type.
    monospace, half_width, placeholder: the field's look.
    only_for: another setting and the value that it must have for this one to be shown.
    create_only: a form offers it only while the webhook is being created.
    """

    name: str
    type: ValueType
    default: Any
    label: str
    help: str = ""
    when_empty: str = ""
    example: Any
    nullable: bool = False
    column: str = ""
    secrecy: Secrecy = "public"
    widget: str = ""
    monospace: bool = False
    half_width: bool = False
    placeholder: str = ""
    only_for: tuple[str, str] | None = None
    create_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", self.column or self.name)
        object.__setattr__(self, "widget", self.widget or self.type.widget)

    @property
    def is_secret(self) -> bool:
        return self.secrecy != "public"

    @property
    def is_optional(self) -> bool:
        """Whether a form field may be empty without falling back to a default."""
        return self.nullable or self.default in ("", [], {})

    def input_schema(self, *, with_default: bool) -> dict[str, Any]:
        """The JSON Schema of the field in a request.

        with_default: whether leaving the field out sets the default, as in a create.
        """
        schema = self._described(self.type.input_schema())
        if not self.is_secret:
            schema["examples"] = [self.example]
        if with_default and not isinstance(self.default, Default):
            schema["default"] = self.default
        if with_default and self.default is PRESET:
            schema["description"] = f"{schema['description']} Default: from the preset."
        return schema

    def output_schema(self) -> dict[str, Any]:
        return self._described(self.type.output_schema())

    def _described(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        described = _or_null(schema) if self.nullable else dict(schema)
        words = [self.help or f"{self.label}."]
        if self.nullable and self.when_empty:
            words.append(f"null: {self.when_empty}.")
        return described | {"description": " ".join(words)}


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [dict(schema), {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the form and the settings under it. is_folded: closed at first in a new form."""

    title: str
    settings: tuple[Setting, ...]
    is_folded: bool = False
