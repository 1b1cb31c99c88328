"""Texts in requests, described as exactly as the rules in `domain` check them."""

from typing import Annotated

from msgspec import Meta

from app.domain.common.names import MAX_ORDERING_KEY, MAX_SOURCE, TEXT_PATTERN
from app.domain.deliveries.causes import CAUSES
from app.domain.events.search_values import MAX_LENGTH
from app.http.parameters import MAX_TEXT, VALUE_PATTERN

# At least one character that is neither white space nor a control character.
NAME_PATTERN = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
# An address of a person, as far as a pattern can say it.
EMAIL_PATTERN = r'^[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f]+$'
COLOR_PATTERN = "^(#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}))?$"
NETWORK_PATTERN = "^[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?$"
PRODUCER_ID_PATTERN = "^[A-Za-z0-9._:-]{1,128}$"

Text = Annotated[str, Meta(pattern=TEXT_PATTERN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NAME_PATTERN)]
Source = Annotated[str, Meta(min_length=1, max_length=MAX_SOURCE, pattern=TEXT_PATTERN)]
OrderingKey = Annotated[str, Meta(min_length=1, max_length=MAX_ORDERING_KEY, pattern=TEXT_PATTERN)]
ProducerId = Annotated[str, Meta(pattern=PRODUCER_ID_PATTERN)]
HttpUrl = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=2048,
        pattern="^[Hh][Tt][Tt][Pp][Ss]?://",
        extra_json_schema={"format": "uri"},
    ),
]

# Filters of deliveries in bodies are those of the query string.
Filter = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT, pattern=TEXT_PATTERN)]
StatusCode = (
    Annotated[int, Meta(ge=100, le=599)] | Annotated[str, Meta(pattern="^[1-5]([0-9][0-9]|xx)$")]
)
Cause = Annotated[str, Meta(extra_json_schema={"enum": sorted(CAUSES)})]
PayloadValue = Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH, pattern=VALUE_PATTERN)]
