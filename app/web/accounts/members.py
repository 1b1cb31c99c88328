"""Members of an organization and open invitations."""

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, RateLimited
from app.models import Invitation
from app.queries.accounts import emails as account_emails
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import invitations, members
from app.web.accounts.forms import InviteForm, refused
from app.web.accounts.organization import private
from app.web.common.access import auth

blueprint = Blueprint("members", __name__, url_prefix="/settings/members")

MANAGE = "members:manage"


@blueprint.get("")
@auth.login_required
def index() -> Response:
    return _page(InviteForm(None))


@blueprint.post("/invitations")
@auth.permission_required(MANAGE)
def invite() -> Response:
    """Show the invitation link once, to be handed over by the person who invites."""
    form = InviteForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        invitation, token = invitations.create(
            auth.organization_id(), form.email.data, form.role.data, auth.actor()
        )
    except (Invalid, RateLimited) as error:
        return _page(refused(form, error), status=error.status)
    return _page(InviteForm(None), invited=invitation, link=invitations.link(token))


@blueprint.post("/invitations/<uuid:invitation_id>/resend")
@auth.permission_required(MANAGE)
def resend(invitation_id: object) -> Response:
    """Email the invitation again, and show its link."""
    try:
        invitation, token = invitations.resend(
            auth.organization_id(), str(invitation_id), auth.actor()
        )
    except RateLimited as error:
        flash(error.detail, "error")
        return redirect(url_for("members.index"), 303)
    return _page(InviteForm(None), invited=invitation, link=invitations.link(token))


@blueprint.post("/invitations/<uuid:invitation_id>/revoke")
@auth.permission_required(MANAGE)
def revoke(invitation_id: object) -> Response:
    invitations.revoke(auth.organization_id(), str(invitation_id), auth.actor())
    flash("Invitation revoked.", "success")
    return redirect(url_for("members.index"), 303)


@blueprint.post("/<uuid:user_id>/role")
@auth.permission_required(MANAGE)
def change_role(user_id: object) -> Response:
    role = request.form.get("role")
    try:
        members.change_role(auth.organization_id(), str(user_id), role, auth.actor())
        flash("Role saved.", "success")
    except (Conflict, Invalid) as error:
        flash(error.detail, "error")
    return redirect(url_for("members.index"), 303)


@blueprint.get("/<uuid:user_id>/remove")
@auth.permission_required(MANAGE)
def confirm(user_id: object) -> str:
    member = accounts.member(auth.organization_id(), str(user_id)) or abort(404)
    return render_template("accounts/remove_member.html", member=member)


@blueprint.post("/<uuid:user_id>/remove")
@auth.permission_required(MANAGE)
def remove(user_id: object) -> Response:
    try:
        members.remove(auth.organization_id(), str(user_id), auth.actor())
        flash("Member removed.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return redirect(url_for("members.index"), 303)


def _page(
    form: InviteForm,
    invited: Invitation | None = None,
    link: str | None = None,
    *,
    status: int = 200,
) -> Response:
    organization_id = auth.organization_id()
    rows = accounts.invitations(organization_id)
    page = render_template(
        "accounts/members.html",
        form=form,
        roles=tuple(ROLES),
        members=accounts.members(organization_id),
        invitations=rows,
        emails=account_emails.latest_about([row.id for row in rows]),
        can_send=runtime().settings.smtp_url is not None,
        invited=invited,
        link=link,
        now=now_ms(),
        may_manage=auth.allows(MANAGE),
        user=auth.current_user(),
    )
    return private(make_response(page, status))
