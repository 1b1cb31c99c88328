"""Forms of platform owners."""

from app.web.accounts.forms import email, text
from app.web.common.forms import CallboardForm


class NewOrganizationForm(CallboardForm):
    subject = "New organization"
    name = text("Name", "Enter a name.", autocomplete="off")
    email = email("Email of its first owner", autocomplete="off")
