"""Next to each field of each form is a link to the place that explains it.

The fields come from the pages: a new one fails the test until the guide to forms has its heading.
"""

import re
from typing import Any

import pytest
from wtforms.fields.core import UnboundField

from app.queries.accounts import users as organization_queries
from app.web.accounts import forms as accounts
from app.web.common.forms import FIELDS_GUIDE, CallboardForm, explained_at
from app.web.guides import library
from tests.web.forms.controls import Control, forms_of
from tests.web.forms.form_fields import World, form_on
from tests.web.forms.test_every_form import CASES, TEMPLATES, name_of
from tests.web.guests import guest_of

BEFORE_SIGN_IN = "guides are read by people who are signed in"
EXCEPT = {
    accounts.SignInForm: BEFORE_SIGN_IN,
    accounts.RecoveryCodeForm: BEFORE_SIGN_IN,
    accounts.CodeForm: BEFORE_SIGN_IN,
    accounts.ResetRequestForm: BEFORE_SIGN_IN,
    accounts.NewPasswordForm: BEFORE_SIGN_IN,
    accounts.WelcomeForm: "it is all that a new person sees",
    accounts.AcceptForm: BEFORE_SIGN_IN,
    "accounts/members.html": "a choice in each row, as in the form above it",
}
HELP_ON = re.compile(r'help_on\("([^"]+)", "([^"]+)"\)')
PATHS = "/guides/"
FORMS = [form for form in CASES if form not in EXCEPT]


def text_at(url: str) -> str:
    """What a guide says under the heading that a link leads to."""
    name, _, anchor = url.removeprefix(PATHS).partition("#")
    page = library.guide(name)
    assert page is not None, url
    texts = [section.text for section in page.sections if anchor and section.anchor == anchor]
    assert texts, f"{url} leads to no heading"
    return texts[0]


def visible(controls: dict[str, Control]) -> list[str]:
    return [name for name, control in controls.items() if control.kind not in ("hidden", "submit")]


@pytest.mark.parametrize("form", FORMS, ids=name_of)
def test_each_field_has_a_link_to_what_it_does(world: World, form: Any) -> None:
    case = CASES[form](world)
    page = form_on(case.visitor or world.visitor, case.page, case.action)
    assert page.help, "no links"
    assert len(page.help) == len(visible(page.controls)), (page.help, visible(page.controls))
    own = [url for url in page.help if FIELDS_GUIDE in url]
    assert len(set(own)) == len(own), own
    for url in page.help:
        assert text_at(url).strip(), url


def labels(form: type[CallboardForm]) -> list[tuple[str, str]]:
    """Subject and label of each field that the guide to forms explains."""
    fields = {name: getattr(form, name) for name in dir(form) if name not in form.guides}
    shown = [each for each in fields.values() if isinstance(each, UnboundField) and each.args]
    return [(form.subject, field.args[0]) for field in shown]


def test_every_place_in_the_guide_to_forms_is_that_of_a_field() -> None:
    of_forms = [pair for form in FORMS if isinstance(form, type) for pair in labels(form)]
    of_templates = [
        pair for path in TEMPLATES.rglob("*.html") for pair in HELP_ON.findall(path.read_text())
    ]
    linked = {explained_at(*pair).partition("#")[2] for pair in of_forms + of_templates}
    guide = library.guide(FIELDS_GUIDE)
    assert guide
    assert {section.anchor for section in guide.sections if section.level == 3} == linked


def test_a_guest_of_a_portal_sees_no_links_to_guides(world: World) -> None:
    organization = organization_queries.organization(world.organization_id)
    guest = guest_of(world.app, organization)
    path = f"/portal/{world.organization_id}/deliveries"
    assert forms_of(guest.get(path).text)
    assert [form.help for form in forms_of(guest.get(path).text) if form.help] == []
    assert [form.help for form in forms_of(world.visitor.get("/deliveries").text) if form.help]
