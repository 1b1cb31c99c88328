"""What each form says of input that it refuses: sentences for people, not words of the API."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.common.errors import FieldError
from app.web.accounts.forms import TwoFactorRuleForm, ValueIndexForm
from app.web.common.problems import error_text
from app.web.notifications.pages import KindsForm
from app.web.webhooks.retry_policy_widget import PARAMETERS
from tests.web.forms.controls import Values
from tests.web.forms.form_fields import World, filled, form_on
from tests.web.forms.saved import SAVED
from tests.web.forms.test_every_form import name_of
from tests.web.visitor import Visitor

REFUSED = ("", "many", "-1", "{}", "x" * 5_000)
TYPED = ("text", "textarea", "number", "email", "url")
# Of switches and choices, which refuse only what their page does not offer; a note is cut.
REFUSES_NOTHING = {
    TwoFactorRuleForm,
    ValueIndexForm,
    KindsForm,
    "accounts/members.html",
    "deliveries/_columns.html",
    "issues/_acknowledge.html",
}
API_WORDS = re.compile(
    r"\bnull\b|\bomit\b|\bboolean\b|\bstrings?\b|\barray\b|\bthe body\b"
    r"|\bexpected an? |\bgot an? |\bUse a number, ",
    re.IGNORECASE,
)
ERROR = re.compile(
    r'<(p|div|ul|span)[^>]* class="[^"]*(?:field-error|flash-error|form-summary)[^"]*"[^>]*>'
    r"(.*?)</\1>",
    re.DOTALL,
)
CREATE = "/webhooks/new?preset=custom"
# {field of the webhook's form: what shows it, if something has to be selected first}
SHOWN_WITH = {
    **{
        f"retry_policy_{name}": {"retry_policy_kind": [parameter.kinds[0]]}
        for name, parameter in PARAMETERS.items()
    },
    "event_types": {"event_types_scope": ["selected"]},
    "event_types_more": {"event_types_scope": ["selected"]},
    "event_types_scope": {"event_types_scope": ["selected"]},
}


def errors_of(response: TestResponse) -> list[str]:
    texts = (re.sub(r"<[^>]*>", " ", inner) for _, inner in ERROR.findall(response.text))
    return [" ".join(unescape(text).split()) for text in texts]


def refusals(visitor: Visitor, path: str, sent: dict[str, Any], name: str) -> list[str]:
    """The errors after each refused value of the field."""
    errors = []
    for value in REFUSED:
        response = visitor.send(path, **{**sent, name: [value]})
        if response.status_code == 422:
            said = errors_of(response)
            assert said, f"{name} is refused without a word: {value[:9]}"
            errors += said
    return errors


@pytest.mark.parametrize("form", SAVED, ids=name_of)
def test_a_form_says_what_is_wrong_without_words_of_the_api(world: World, form: Any) -> None:
    case = SAVED[form](world)
    visitor = case.visitor or world.visitor
    page = form_on(visitor, case.page, case.action)
    # Without a file: it would take the place of what is typed.
    files: Values = {name: [] for name, control in page.controls.items() if control.kind == "file"}
    sent = filled(page, case.values) | files
    said = []
    for name, control in page.controls.items():
        if control.kind in TYPED:
            said += refusals(visitor, page.action or case.page, sent, name)
    assert (said == []) == (form in REFUSES_NOTHING)
    assert [text for text in said if API_WORDS.search(text)] == []


def test_the_webhook_form_says_what_is_wrong_without_words_of_the_api(world: World) -> None:
    page = form_on(world.visitor, CREATE, None)
    said = []
    for name, control in page.controls.items():
        if control.kind != "hidden":
            sent = {**page.values(), "url": ["https://example.com/hook"]} | SHOWN_WITH.get(name, {})
            said += refusals(world.visitor, page.action or CREATE, sent, name)
    assert "Not a number. Use a number from 0.1 to 60." in said
    assert [text for text in said if API_WORDS.search(text)] == []


@pytest.mark.parametrize(
    ("problem", "remedy", "shown"),
    [
        ("Expected a number, got a string.", "Use 1 to 5.", "Not a number. Use 1 to 5."),
        ("Expected a string, got null.", "Use a word.", "Missing. Use a word."),
        ("Expected an object, got a list.", "Use {}.", "Not a JSON object. Use {}."),
        ("It is a list. Send a JSON object.", "Use a JSON Schema object.",
         "Not a JSON object. Use a JSON Schema object."),
        ("The body is empty. Send a JSON object.", "", "It is empty. Use a JSON object."),
        ("The body is not valid JSON at line 1, column 1: Expecting value.", "",
         "This is not valid JSON at line 1, column 1: Expecting value."),
        ("The list is empty: no event would match.",
         "List 1 to 500 entries, or remove the list to match all events.",
         "No event type is selected. Select at least one, or all event types."),
        ("Not a network.", "List networks, or omit the field for all.",
         "Not a network. List networks, or leave the field blank for all."),
        ("Out of range.", "Use a whole number from 1 to 9, or null for the default.",
         "Out of range. Use a whole number from 1 to 9, or leave the field blank for the default."),
        ("Not a colour.", "Use six digits.", "Not a colour. Use six digits."),
    ],
)  # fmt: skip
def test_an_error_is_worded_for_a_form(problem: str, remedy: str, shown: str) -> None:
    assert error_text(FieldError("field", "code", problem, remedy)) == shown
