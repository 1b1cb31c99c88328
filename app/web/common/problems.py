"""The domain's errors in the words of a form.

The domain answers requests of the API, so it names JSON types, fields that can be omitted, and the
body. A person sees fields that can be left blank, and what they typed.
"""

import re

from app.domain.common.errors import FieldError

# Texts may quote what was sent.
MAX_LENGTH = 2_000

_EMPTY_LIST = (
    r"^The list is empty: no event would match\. "
    r"List 1 to \d+ entries, or remove the list to match all events\."
)
# In this order, each applied once.
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Expected [\w ]{1,40}, got null\.", "Missing."),
        (r"Expected an object(?: or a list)?, got [\w ]{1,40}\.", "Not a JSON object."),
        (r"Expected (a \w{1,20}), got [\w ]{1,40}\.", r"Not \1."),
        (r"^The (?:body|payload) is (?=not )", "This is "),
        (r"^The (?:body|payload) is (?=empty|nested)", "It is "),
        (r"^(?:The (?:body|payload)|It) is (?:null|an? \w{1,20})\.", "Not a JSON object."),
        (r"Send a JSON object\. (?=Use a JSON )", ""),
        (r"\bSend (a JSON object|flatter JSON)\b", r"Use \1"),
        (_EMPTY_LIST, "No event type is selected. Select at least one, or all event types."),
        (r"\bomit the (?:field|secret)\b", "leave the field blank"),
        (r", or null for\b", ", or leave the field blank for"),
        (r", or null(?= to remove it\b)", ", or leave the fields blank"),
    )
)


def error_text(error: FieldError) -> str:
    return in_a_form(f"{error.problem} {error.remedy}".strip())


def in_a_form(text: str) -> str:
    """At most MAX_LENGTH characters of it."""
    if len(text) > MAX_LENGTH:
        text = f"{text[: MAX_LENGTH - 1]}…"
    for pattern, words in _WORDS:
        text = pattern.sub(words, text, count=1)
    return text
