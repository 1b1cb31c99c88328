"""Colours that somebody else chose: read, and made readable."""

import re

from app.domain.common.errors import invalid

BLACK, WHITE = "#000000", "#ffffff"
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


def check_color(value: object, field: str) -> str | None:
    """`#rrggbb` in lower case, also from `#rgb`; None and an empty text are none. Invalid."""
    if value is None or value == "":
        return None
    remedy = "Give six hexadecimal digits such as #1d3fb4."
    if not isinstance(value, str):
        raise invalid(field, "type", "It is not a text.", remedy)
    color = value.strip().lower()
    if _HEX.fullmatch(color) is None:
        raise invalid(field, "color", "It is not a colour.", remedy)
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it: 1 to 21. Both `#rrggbb`."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(color: str) -> str:
    """Black or white, whichever can be read better: at least 4.5 to 1 on any colour."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, color))


def _luminance(color: str) -> float:
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
