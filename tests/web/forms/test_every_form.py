"""Each form of the product: fill in every field, save, reload, compare.

The fields come from the forms themselves. A new field is filled in and compared as well; a new
form fails the first test until there is a case for it.
"""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

from app.web.common.forms import CallboardForm
from app.web.webhooks.form import WebhookForm
from tests.web.forms.controls import Values
from tests.web.forms.credentials import PROVED
from tests.web.forms.form_fields import Case, World, filled, form_on
from tests.web.forms.saved import SAVED
from tests.web.forms.uploads import UPLOADED
from tests.web.visitor import Visitor

CASES = SAVED | PROVED | UPLOADED
TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
TYPED = re.compile(
    r'<(?:input(?![^>]*(?:type="hidden"|data-pick-all))|select|textarea(?! name="doc))'
)


def name_of(form: object) -> str:
    return form.__name__ if isinstance(form, type) else str(form)


def classes(base: type) -> set[type]:
    return {matches for sub in base.__subclasses__() for matches in {sub} | classes(sub)}


def test_every_form_has_a_case(installation: object) -> None:
    """The webhook's form has its own tests: each of its fields has a declaration. installation:
    imports the pages."""
    assert installation
    written = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if any(TYPED.search(form) for form in FORM.findall(path.read_text()))
    }
    product = {form for form in classes(CallboardForm) if form.__module__.startswith("app.")}
    assert product | written == set(CASES) | {WebhookForm}


@pytest.mark.parametrize("form", CASES, ids=name_of)
def test_what_is_typed_into_a_form_is_saved_and_shown_again(world: World, form: Any) -> None:
    case = CASES[form](world)
    visitor = case.visitor or world.visitor
    page = form_on(visitor, case.page, case.action)
    if isinstance(form, type):
        assert {name.rpartition("-")[2] for name in page.controls} >= fields_of(form, case)
    sent = filled(page, case.values)
    response = visitor.send(page.action or case.page, **sent)
    assert response.status_code in (200, 303), response.status
    typed = {name for name in sent if page.controls[name].kind != "hidden"}
    unseen = {name for name in typed if name.rpartition("-")[2] in case.unseen}
    if case.proof is not None:
        case.proof(response, sent)
    assert not unseen or case.proof is not None or "current" in unseen
    compare(visitor, case, {name: sent[name] for name in typed - unseen}, response)


def fields_of(form: Any, case: Case) -> set[str]:
    """Of the class. Some are shown only in a certain state, which `unseen` says."""
    names = {name for name in dir(form) if isinstance(getattr(form, name), UnboundField)}
    return names - set(case.unseen)


def compare(visitor: Visitor, case: Case, sent: Values, response: TestResponse) -> None:
    again = case.again(response) if callable(case.again) else case.again
    action = case.action_again or (None if again else case.action)
    in_words = {name: words for name, words in case.words.items() if name in sent}
    if in_words:
        pages = [response, visitor.get(again or case.page)]
        text = " ".join(" ".join(re.sub(r"<[a-z/][^>]*>", "", p.text).split()) for p in pages)
        text = re.sub(r"\s+,", ",", unescape(text))
        assert {words for words in in_words.values() if words not in text} == set(), text[-3000:]
    rest = {name: values for name, values in sent.items() if name not in in_words}
    if rest:
        shown = form_on(visitor, again or case.page, action).values()
        assert {name: shown.get(name) for name in rest} == rest
