"""Where a text was found: a little of what is around it."""

from dataclasses import dataclass

# Characters before and after the match.
BEFORE, AFTER = 40, 80


@dataclass(frozen=True, slots=True)
class Excerpt:
    """match: as it is written there; "" if the text does not occur."""

    before: str
    match: str
    after: str


def excerpt_of(text: str, wanted: str, before: int = BEFORE, after: int = AFTER) -> Excerpt:
    """Around the first occurrence, in any case; without one the start of the text."""
    at = text.lower().find(wanted.lower()) if wanted else -1
    # Lower case can have another length: "İ".
    if at < 0 or text[at : at + len(wanted)].lower() != wanted.lower():
        return Excerpt(_shortened(text, before + after), "", "")
    end = at + len(wanted)
    start = max(0, at - before)
    lead = ("…" if start else "") + text[start:at]
    return Excerpt(lead, text[at:end], _shortened(text[end:], after))


def marked(text: str, wanted: str) -> Excerpt:
    """The whole text, with the match set apart."""
    return excerpt_of(text, wanted, len(text), len(text))


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"
