"""What a form is filled with, and where its values are seen again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.models import User
from tests.services.people import PASSWORD, person, with_app
from tests.web.forms.controls import Control, HtmlForm, Values, forms_of
from tests.web.visitor import Visitor

_numbers = count(1)


@dataclass
class World:
    """visitor: signed in as `user`, an owner of the organization."""

    app: Flask
    organization_id: str
    email: str = field(default_factory=lambda: f"owner-{next(_numbers)}@example.com")
    user: User = field(init=False)
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.user = person(self.email, self.organization_id, "owner", PASSWORD)
        self.visitor = Visitor(self.app)
        self.visitor.sign_in(self.email, PASSWORD)

    def with_app(self) -> None:
        """The owner sets up two-factor authentication, which ends their session, and returns."""
        phone = with_app(self.user)
        self.visitor.sign_in(self.email, PASSWORD)
        self.visitor.post("/sign-in/two-factor", code=phone.fresh_code())


@dataclass
class Case:
    """page: where the form is. action: where it is sent; None: its own page. values: of fields
    whose content has rules; others get a generated one.

    again: the page that shows the saved values in a form sent to `action_again`; a function takes
    the response to the form. words: {field: words on that page}, of fields that it shows as text.
    proof: called with the response and the values sent, for fields that no page shows, `unseen`.
    """

    page: str
    action: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    again: str | Callable[[TestResponse], str] | None = None
    action_again: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    proof: Callable[[TestResponse, Values], None] | None = None
    visitor: Visitor | None = None


def form_on(visitor: Visitor, page: str, action: str | None) -> HtmlForm:
    response = visitor.get(page)
    forms = [form for form in forms_of(response.text) if form.method == "post"]
    path = (action or page).partition("?")[0]
    matching = [form for form in forms if (form.action or page).partition("?")[0] == path]
    assert matching, f"No form for {path} on {page}: {response.status}"
    return matching[0]


def filled(form: HtmlForm, values: Mapping[str, Any]) -> Values:
    """Every control with another value than it has. Hidden ones keep theirs."""
    return {
        name: _as_list(values[name]) if name in values else other(name, control)
        for name, control in form.controls.items()
    }


def other(name: str, control: Control) -> list[str]:
    if control.kind == "hidden":
        return control.values
    if control.kind == "checkbox":
        rest = [value for value in control.options if value not in control.values]
        return [*control.values, *rest] if rest and len(control.options) > 1 else rest
    if control.options:
        return [next(value for value in reversed(control.options) if value not in control.values)]
    return [f'Zoë & <b>"{name}"</b>']


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(response: TestResponse) -> str:
    return unescape(response.text)
