"""Forms of accounts and settings. Services validate values; `refused` shows their errors at the
fields."""

from collections.abc import Mapping

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.common.errors import CallboardError, Invalid
from app.web.common.forms import CallboardForm, lines

DAY_MS = 86_400_000

ROLE_WORDS = {
    "owner": "Owner: everything, including members and keys",
    "member": "Member: webhooks, events and resending",
    "viewer": "Viewer: read only",
}
SCOPE_WORDS = {
    "events:write": "Post events",
    "webhooks:manage": "Manage webhooks",
    "deliveries:read": "Read events, webhooks and deliveries",
    "deliveries:resend": "Resend and cancel deliveries",
}
ACCESS = {"all": "All scopes", "some": "Restricted"}
ONE_TIME_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": "40",
    "spellcheck": "false",
}
LIFETIMES = {"": "Never", "30": "30 days", "90": "90 days", "365": "1 year"}


def choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def required(message: str) -> list[DataRequired]:
    return [DataRequired(message)]


def text(label: str, words: str, **attributes: str) -> StringField:
    return StringField(label, required(words), render_kw={"maxlength": "200", **attributes})


def email(label: str = "Email", **attributes: str) -> EmailField:
    words = "Enter an email address such as ada@example.com."
    shown = {"maxlength": "254", "autocomplete": "username", "spellcheck": "false"}
    return EmailField(label, required(words), render_kw={**shown, **attributes})


def password(label: str, *, new: bool) -> PasswordField:
    autocomplete = "new-password" if new else "current-password"
    return PasswordField(
        label, required("Enter a password."), render_kw={"autocomplete": autocomplete}
    )


def networks() -> TextAreaField:
    shown = {"rows": "3", "spellcheck": "false", "autocomplete": "off"}
    return TextAreaField("Allowed networks", render_kw=shown)


class TickField(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """Several of a few values, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(CallboardForm):
    email = email()
    password = password("Password", new=False)
    remember = BooleanField("Remember this browser for 30 days")
    next = HiddenField()


class CodeForm(CallboardForm):
    subject = "Two-factor authentication"
    code = StringField(
        "Code",
        required("Enter the six digits that your authenticator app shows."),
        render_kw=ONE_TIME_CODE,
    )


class RecoveryCodeForm(CallboardForm):
    code = StringField(
        "Recovery code",
        required("Enter one of your recovery codes."),
        render_kw={"autocomplete": "off", "maxlength": "40", "spellcheck": "false"},
    )


class EnrolForm(CodeForm):
    current = PasswordField("Current password", render_kw={"autocomplete": "current-password"})


class CurrentPasswordForm(CallboardForm):
    subject = "Two-factor authentication"
    current = PasswordField("Current password", render_kw={"autocomplete": "current-password"})


class CurrentCodeForm(CallboardForm):
    subject = "Two-factor authentication"
    current = StringField("Code", render_kw=ONE_TIME_CODE)


class ResetRequestForm(CallboardForm):
    email = email()


class NewPasswordForm(CallboardForm):
    password = password("New password", new=True)


class WelcomeForm(CallboardForm):
    email = email("Your email")
    name = text("Your name", "Enter your name.", autocomplete="name")
    password = password("Password", new=True)
    organization = text("Organization name", "Enter a name.")


class AcceptForm(CallboardForm):
    name = text("Your name", "Enter your name.", autocomplete="name")
    password = password("Password", new=True)


class TwoFactorRuleForm(CallboardForm):
    subject = "Organization"
    required = BooleanField("Require two-factor authentication")


class ValueIndexForm(CallboardForm):
    subject = "Organization"
    is_on = BooleanField("Index IDs in payloads")


class OrganizationForm(CallboardForm):
    subject = "Organization"
    name = text("Name", "Enter a name.")


class InviteForm(CallboardForm):
    subject = "Invitation"
    email = email(autocomplete="off")
    role = SelectField("Role", choices=choices(ROLE_WORDS), default="member")


class KeyForm(CallboardForm):
    subject = "API key"
    name = text("Name", "Enter what the key is for.", autocomplete="off")
    access = RadioField("Scopes", choices=choices(ACCESS), default="all")
    scopes = TickField("Selected scopes", choices=choices(SCOPE_WORDS))
    lifetime = SelectField("Expires", choices=choices(LIFETIMES))
    allowed_networks = networks()

    def chosen_scopes(self) -> list[str] | None:
        """None for all; an empty list, which the service rejects, if none is selected."""
        return None if self.access.data == "all" else list(self.scopes.data or ())

    def networks(self) -> list[str] | None:
        return lines(self.allowed_networks.data) or None

    def expires_at(self, now: int) -> int | None:
        """Milliseconds since the epoch; None for never."""
        return now + int(self.lifetime.data) * DAY_MS if self.lifetime.data else None


class NetworksForm(CallboardForm):
    subject = "API key"
    allowed_networks = networks()

    def networks(self) -> list[str] | None:
        """None for all."""
        return lines(self.allowed_networks.data) or None


class ProfileForm(CallboardForm):
    subject = "Account"
    email = email()
    name = text("Name", "Enter your name.", autocomplete="name")
    current = PasswordField(
        "Current password", id="profile-current", render_kw={"autocomplete": "current-password"}
    )


class PasswordForm(CallboardForm):
    subject = "Password"
    current = PasswordField("Current password", render_kw={"autocomplete": "current-password"})
    new = password("New password", new=True)


def refused(form: CallboardForm, error: CallboardError) -> CallboardForm:
    """Put the errors of a service into the form, at their fields if they name one."""
    if isinstance(error, Invalid):
        form.take_errors(error.errors)
    else:
        form.form_errors.append(error.detail)
    return form
