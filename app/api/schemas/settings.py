"""Webhook settings as fields of the API's request and response types."""

from collections.abc import Callable, Collection
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import NODEFAULT, UNSET, Meta

from app.domain.webhooks.settings.catalogue import OWNER_SECRETS, PUBLIC, SETTINGS
from app.domain.webhooks.settings.setting import REQUIRED

SchemaType = TypeVar("SchemaType", bound=msgspec.Struct)
Fields = list[tuple[str, Any, Any]]


def changed(type_: type[SchemaType]) -> type[SchemaType]:
    """Add every setting as an optional field of a request."""
    fields = [(s.name, _described(s.input_schema(with_default=False)), UNSET) for s in SETTINGS]
    return _extended(type_, fields)


def created(type_: type[SchemaType]) -> type[SchemaType]:
    """Add every setting as a field of a request; those without a default are required."""
    return _extended(
        type_,
        [
            (
                setting.name,
                _described(setting.input_schema(with_default=True)),
                NODEFAULT if setting.default is REQUIRED else UNSET,
            )
            for setting in SETTINGS
        ],
    )


def named(names: Collection[str]) -> Callable[[type[SchemaType]], type[SchemaType]]:
    """Add these settings as optional fields of a request."""
    fields: Fields = [
        (s.name, _described(s.input_schema(with_default=False)), UNSET)
        for s in SETTINGS
        if s.name in names
    ]
    return lambda type_: _extended(type_, fields)


def listed(after: str) -> Callable[[type[SchemaType]], type[SchemaType]]:
    """Add the settings behind the field `after`, but for secrets: only whether one is set."""
    public: Fields = [(s.name, _described(s.output_schema()), NODEFAULT) for s in PUBLIC]
    flags: Fields = [(f"has_{setting.name}", bool, NODEFAULT) for setting in OWNER_SECRETS]
    return lambda type_: _extended(type_, [*public, *flags], after)


def with_secrets(type_: type[SchemaType]) -> type[SchemaType]:
    """Add the secrets that the owner of one webhook may read."""
    fields = [(s.name, _described(s.output_schema()), NODEFAULT) for s in OWNER_SECRETS]
    return _extended(type_, fields)


def _described(schema: dict[str, Any]) -> Any:
    return Annotated[Any, Meta(extra_json_schema=schema)]


def _extended(type_: type[SchemaType], fields: Fields, after: str = "") -> type[SchemaType]:
    """Rebuild the type with further fields; a decorated class stays the type that mypy knows."""
    bases = [base for base in type_.__bases__ if issubclass(base, msgspec.Struct)]
    inherited = {name for base in bases for name in base.__struct_fields__}
    own: Fields = [
        (field.encode_name, field.type, field.default)
        for field in msgspec.structs.fields(type_)
        if field.name not in inherited
    ]
    index = next((n for n, field in enumerate(own, start=1) if field[0] == after), len(own))
    return msgspec.defstruct(  # type: ignore[return-value]
        type_.__name__,
        [*own[:index], *fields, *own[index:]],
        bases=type_.__bases__,
        module=type_.__module__,
        namespace={"__doc__": type_.__doc__},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )
