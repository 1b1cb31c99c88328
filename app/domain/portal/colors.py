"""Brand colours: parse them, and find accents that are readable in light and dark."""

import re
from dataclasses import dataclass

from app.domain.common.errors import invalid

BLACK, WHITE = "#000000", "#ffffff"
# What text lies on: static/css/tokens.css.
LIGHT = ("#faf8f4", "#ffffff", "#f3f0e9", "#f6f3ec")
DARK = ("#171614", "#1e1d1a", "#12110f", "#252420")
# Of text, and of buttons against the page.
READABLE, VISIBLE = 4.5, 3.0
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


@dataclass(frozen=True, slots=True)
class Accent:
    """The colours of one theme. text: of links. soft: behind such text. fill: of buttons, with
    `on_fill` on it. hover: of a button under the pointer. check: behind a white tick."""

    text: str
    soft: str
    fill: str
    hover: str
    on_fill: str
    check: str


def accent(color: str, *, is_dark: bool) -> Accent:
    """The brand colour where it has enough contrast, else the nearest lighter or darker one."""
    pages, ink = (DARK, WHITE) if is_dark else (LIGHT, BLACK)
    soft = mixed(color, pages[0], 0.82 if is_dark else 0.88)
    text = _until(color, ink, (*pages, soft), READABLE)
    fill = _until(color, ink, pages, VISIBLE)
    on_fill = readable_on(fill)
    # Away from the text on it, which stays readable.
    hover = mixed(fill, BLACK if on_fill == WHITE else WHITE, 0.15)
    check = _until(fill, BLACK, (WHITE,), VISIBLE)
    return Accent(text, soft, fill, hover, on_fill, check)


def _until(color: str, ink: str, pages: tuple[str, ...], least: float) -> str:
    """Mix with ink until the contrast to each of the pages is enough; ink itself has it."""
    shares = (step / 50 for step in range(51))
    mixes = (mixed(color, ink, share) for share in shares)
    return next(mix for mix in mixes if min(contrast(mix, page) for page in pages) >= least)


def mixed(color: str, other: str, share: float) -> str:
    """share: of the other colour, 0 to 1."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(color: str) -> list[int]:
    return [int(color[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(color: str) -> float:
    channels = [channel / 255 for channel in _channels(color)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
