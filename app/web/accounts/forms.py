"""The forms of accounts. Whether a value will do, services say; `refused` puts it at the field."""

from collections.abc import Mapping

from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.common.errors import CallboardError, Invalid
from app.web.common.forms import CallboardForm

DAY_MS = 86_400_000

ROLE_WORDS = {
    "owner": "Owner: everything, people and keys too",
    "member": "Member: webhooks, events and resending",
    "viewer": "Viewer: looks, and changes nothing",
}
SCOPE_WORDS = {
    "events:write": "Post events",
    "webhooks:manage": "Create and change webhooks",
    "deliveries:read": "Read events, webhooks and deliveries",
    "deliveries:resend": "Resend and cancel deliveries",
}
ACCESS = {"all": "Everything", "some": "Only:"}
LIFETIMES = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}


def choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def needed(words: str) -> list[DataRequired]:
    return [DataRequired(words)]


def text(label: str, words: str, **attributes: str) -> StringField:
    return StringField(label, needed(words), render_kw={"maxlength": "200", **attributes})


def email(label: str = "E-mail", **attributes: str) -> EmailField:
    words = "Type an e-mail address such as ada@example.com."
    shown = {"maxlength": "254", "autocomplete": "username", "spellcheck": "false"}
    return EmailField(label, needed(words), render_kw={**shown, **attributes})


def password(label: str, *, new: bool) -> PasswordField:
    kept_as = "new-password" if new else "current-password"
    return PasswordField(label, needed("Type a password."), render_kw={"autocomplete": kept_as})


class TickField(SelectMultipleField):
    """Several of a few, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(CallboardForm):
    email = email()
    password = password("Password", new=False)
    next = HiddenField()


class WelcomeForm(CallboardForm):
    email = email("Your e-mail")
    name = text("Your name", "Type your name.", autocomplete="name")
    password = password("Choose a password", new=True)
    organization = text("Name of your organization", "Type a name for it.")


class AcceptForm(CallboardForm):
    name = text("Your name", "Type your name.", autocomplete="name")
    password = password("Choose a password", new=True)


class OrganizationForm(CallboardForm):
    name = text("Name", "Type a name for it.")


class InviteForm(CallboardForm):
    email = email(autocomplete="off")
    role = SelectField("Role", choices=choices(ROLE_WORDS), default="member")


class KeyForm(CallboardForm):
    name = text("Name", "Type what the key is for.", autocomplete="off")
    access = RadioField("What it may do", choices=choices(ACCESS), default="all")
    scopes = TickField("Scopes", choices=choices(SCOPE_WORDS))
    lifetime = SelectField("Expires", choices=choices(LIFETIMES))

    def chosen_scopes(self) -> list[str] | None:
        """None for all; an empty list, which the service refuses, when none was ticked."""
        return None if self.access.data == "all" else list(self.scopes.data or ())

    def expires_at(self, now: int) -> int | None:
        """Milliseconds since the epoch; None for never."""
        return now + int(self.lifetime.data) * DAY_MS if self.lifetime.data else None


class ProfileForm(CallboardForm):
    email = email()
    name = text("Name", "Type your name.", autocomplete="name")


class PasswordForm(CallboardForm):
    current = PasswordField("Present password", render_kw={"autocomplete": "current-password"})
    new = password("New password", new=True)


def refused(form: CallboardForm, error: CallboardError) -> CallboardForm:
    """The form with what the service said, at its fields where it is about one."""
    if isinstance(error, Invalid):
        form.take_errors(error.errors)
    else:
        form.form_errors.append(error.detail)
    return form
