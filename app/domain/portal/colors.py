"""Brand colours: parse them and find a readable text colour."""

import re

from app.domain.common.errors import invalid

BLACK, WHITE = "#000000", "#ffffff"
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII)


def check_color(value: object, field: str) -> str | None:
    """Return `#rrggbb` in lower case, or None for None and "". Raises Invalid."""
    if value is None or value == "":
        return None
    remedy = "Use six hexadecimal digits such as #1d3fb4."
    if not isinstance(value, str):
        raise invalid(field, "type", "Not a string.", remedy)
    color = value.strip().lower()
    if _HEX.fullmatch(color) is None:
        raise invalid(field, "color", "Not a colour.", remedy)
    return color if len(color) == 7 else "#" + "".join(digit * 2 for digit in color[1:])


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2 (1 to 21) between two colours as `#rrggbb`."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def readable_on(color: str) -> str:
    """Return black or white, whichever has more contrast: at least 4.5 to 1 on any colour."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, color))


def _luminance(color: str) -> float:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
