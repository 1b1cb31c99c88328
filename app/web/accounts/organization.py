"""The organization's name and callback secret."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Invalid
from app.models import Organization
from app.queries.accounts import users as account_queries
from app.services.accounts import organizations
from app.web.accounts.forms import OrganizationForm, TwoFactorRuleForm, ValueIndexForm, refused
from app.web.common.access import auth

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

MANAGE = "organization:manage"


@blueprint.get("")
@auth.login_required
def show() -> Response:
    return _page()


@blueprint.post("")
@auth.permission_required(MANAGE)
def rename() -> Response:
    form = OrganizationForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        organizations.rename(auth.organization_id(), form.name.data, auth.actor())
    except Invalid as error:
        return _page(refused(form, error), status=422)
    flash("Organization renamed.", "success")
    return redirect(url_for("settings.show"), 303)


@blueprint.post("/two-factor")
@auth.permission_required(MANAGE)
def require_two_factor() -> Response:
    user, form = auth.current_user(), TwoFactorRuleForm()
    assert user is not None
    try:
        organizations.require_two_factor(
            auth.organization_id(), user.id, auth.actor(), required=form.required.data
        )
    except Conflict as error:
        form.required.errors = [error.detail]
        return _page(rule=form, status=422)
    words = "now required" if form.required.data else "no longer required"
    flash(f"Two-factor authentication is {words}.", "success")
    return redirect(url_for("settings.show"), 303)


@blueprint.post("/value-index")
@auth.permission_required(MANAGE)
def index_values() -> Response:
    is_on = ValueIndexForm().is_on.data
    organizations.index_values(auth.organization_id(), auth.actor(), is_on=is_on)
    effect = "can" if is_on else "cannot"
    flash(f"New events {effect} be found by the IDs in their payloads.", "success")
    return redirect(url_for("settings.show"), 303)


@blueprint.post("/callback-secret")
@auth.permission_required(MANAGE)
def reveal() -> Response:
    """A POST, because revealing is audited; the secret never appears in a URL or a cookie."""
    return _page(secret=organizations.reveal_callback_secret(auth.organization_id(), auth.actor()))


@blueprint.post("/callback-secret/rotate")
@auth.permission_required(MANAGE)
def rotate() -> Response:
    secret = organizations.rotate_callback_secret(auth.organization_id(), auth.actor())
    return _page(secret=secret, is_new=True)


def _page(
    form: OrganizationForm | None = None,
    secret: str | None = None,
    *,
    rule: TwoFactorRuleForm | None = None,
    is_new: bool = False,
    status: int = 200,
) -> Response:
    organization = auth.current_organization()
    page = render_template(
        "accounts/organization.html",
        form=form or OrganizationForm(None, name=organization.name if organization else ""),
        rule=rule or _rule_form(organization),
        without_two_factor=_without_two_factor(),
        value_index=_value_index_form(organization),
        organization=organization,
        secret=secret,
        is_new=is_new,
        may_manage=auth.allows(MANAGE),
    )
    return private(make_response(page, status))


def _rule_form(organization: Organization | None) -> TwoFactorRuleForm:
    is_required = organization is not None and bool(organization.requires_two_factor)
    return TwoFactorRuleForm(None, required=is_required)


def _value_index_form(organization: Organization | None) -> ValueIndexForm:
    is_on = organization is not None and organization.indexes_values is not False
    return ValueIndexForm(None, is_on=is_on)


def _without_two_factor() -> int:
    """How many members have not set it up."""
    members = account_queries.members(auth.organization_id())
    return sum(1 for _, user in members if not user.has_two_factor)


def private(response: Response) -> Response:
    """Keep a page that may contain a secret out of the browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
