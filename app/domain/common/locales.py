"""How a reader writes numbers and times, from the Accept-Language header of their browser.

Words stay English, as the rest of the page is: the separators of numbers, the order of day and
month, and the clock of 12 or 24 hours are the reader's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_MAX_LENGTH, _MAX_TAGS = 300, 12
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}|[0-9]{3}))?(?:-[\w-]*)?\s*")
_WEIGHT = re.compile(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", re.ASCII)
# In a number as this module's callers write it: between two digits.
_SEPARATOR = re.compile("(?<=[0-9])[\u2009.](?=[0-9])")


@dataclass(frozen=True, slots=True)
class Locale:
    """thousands, decimal: separators. times: a language tag whose times a script writes in the same
    way: `en-GB` (24 Feb, 11:52), `en-AU` (24 Feb, 11:52 am) or `en-US` (Feb 24, 11:52 AM)."""

    thousands: str = "\u2009"
    decimal: str = "."
    times: str = "en-GB"

    @property
    def has_twelve_hours(self) -> bool:
        return self.times != "en-GB"

    def numbers_in(self, text: str) -> str:
        """The text with the numbers of this locale, instead of those of HOUSE."""
        if self.thousands == "\u2009" and self.decimal == ".":
            return text
        return _SEPARATOR.sub(
            lambda match: self.decimal if match[0] == "." else self.thousands, text
        )


# Where nobody said otherwise.
HOUSE = Locale()
_COMMA, _POINT = (",", "."), (".", ",")
_SPACE, _NARROW, _APOSTROPHE = ("\u00a0", ","), ("\u202f", ","), ("\u2019", ".")
_LANGUAGES = {
    **dict.fromkeys(("en", "ja", "zh", "ko", "th", "he", "hi", "bn", "ta", "ur", "ms"), _COMMA),
    **dict.fromkeys(("de", "es", "it", "nl", "pt", "tr", "id", "da", "el", "ca"), _POINT),
    **dict.fromkeys(("hr", "sl", "sr", "bs", "ro", "vi", "is"), _POINT),
    **dict.fromkeys(("sv", "nb", "nn", "no", "fi", "cs", "sk", "pl", "ru", "uk"), _SPACE),
    **dict.fromkeys(("be", "bg", "hu", "et", "lv", "lt", "ka", "kk"), _SPACE),
    "fr": _NARROW,
}
_REGIONS = {
    **dict.fromkeys(("de-CH", "de-LI", "it-CH"), _APOSTROPHE),
    **dict.fromkeys(("de-AT", "pt-PT", "es-ES"), _SPACE),
    **dict.fromkeys(("es-MX", "es-US", "es-GT", "es-PE", "es-DO", "es-PA"), _COMMA),
}
_TWELVE_HOURS = frozenset(
    {
        *("en-AU", "en-NZ", "en-IN", "en-PK", "en-SG", "en-MY", "en-PH", "en-HK"),
        *("hi", "bn", "ur", "ko", "es-MX", "es-CO"),
    }
)


@lru_cache(maxsize=500)
def of_header(accepted: str) -> Locale:
    """The best known one of an Accept-Language header; HOUSE if there is none."""
    weighted: list[tuple[float, Locale]] = []
    for part in accepted[:_MAX_LENGTH].split(",")[:_MAX_TAGS]:
        tag, _, parameter = part.partition(";")
        weight = _WEIGHT.fullmatch(parameter) if parameter else None
        if parameter and weight is None:
            continue
        locale = _of_tag(tag)
        if locale is not None:
            weighted.append((float(weight[1]) if weight else 1.0, locale))
    # The first of equals.
    best = max(weighted, key=lambda pair: pair[0], default=(0.0, HOUSE))
    return best[1] if best[0] > 0 else HOUSE


def _of_tag(tag: str) -> Locale | None:
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    language, region = match[1].lower(), (match[2] or "").upper()
    name = f"{language}-{region}"
    separators = _REGIONS.get(name) or _LANGUAGES.get(language)
    if separators is None:
        return None
    times = "en-GB"
    if name in ("en-US", "en-", "es-US", "es-PR", "en-CA"):
        times = "en-US"
    elif name in _TWELVE_HOURS or language in _TWELVE_HOURS:
        times = "en-AU"
    return Locale(*separators, times=times)
