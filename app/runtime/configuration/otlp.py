"""Where traces are sent."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

# A field name of HTTP.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")


@dataclass(frozen=True, slots=True)
class OtlpSettings:
    """headers: of each request to the collector, mostly a credential. ratio: of the traces that
    begin here, how many are exported."""

    endpoint: str
    service_name: str
    ratio: float
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def traces_url(self) -> str:
        return f"{self.endpoint}/v1/traces"


def parse_headers(words: tuple[str, ...]) -> dict[str, str]:
    """`name=value` pairs, percent-encoded as OpenTelemetry defines. ValueError without the value,
    which is mostly a credential."""
    headers: dict[str, str] = {}
    for word in words:
        name, separator, value = word.partition("=")
        name, text = name.strip().lower(), unquote(value.strip())
        if not separator or _NAME.fullmatch(name) is None or not text.isprintable():
            # Without a separator it may be the credential itself.
            raise ValueError(f"{name[:40]}=..." if separator else "a part without =")
        headers[name] = text
    return headers


def parse_ratio(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value
