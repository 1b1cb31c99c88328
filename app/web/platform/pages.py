"""Pages of platform owners: every organization, who operates the installation, what they did."""

from collections.abc import Callable

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

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid
from app.models import Organization
from app.queries import audit
from app.queries.accounts import platform
from app.queries.accounts import users as accounts
from app.queries.audit import AuditFilter
from app.runtime.context import runtime
from app.services.accounts import invitations, provisioning, suspension
from app.services.accounts.actor import Actor
from app.services.sign_in.link_tokens import INVITATION_SECONDS
from app.web.accounts import switching
from app.web.accounts.forms import InviteForm, refused
from app.web.accounts.organization import private
from app.web.audit.pages import row_of
from app.web.common.access import auth
from app.web.common.forms import CallboardForm
from app.web.platform.access import platform_owner_required
from app.web.platform.forms import NewOrganizationForm

blueprint = Blueprint("platform", __name__, url_prefix="/platform")

PAGE = 50
SORT_WORDS = {
    "name": "Name",
    "created": "Newest",
    "members": "Members",
    "webhooks": "Webhooks",
    "deliveries": "Deliveries",
}
STATE_WORDS = {"active": "Active", "suspended": "Suspended"}


@blueprint.get("")
@platform_owner_required
def index() -> str:
    q = request.args.get("q", "").strip()[:200]
    sort = request.args.get("sort", "name")
    state = request.args.get("state", "")
    number = min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
    lines, total = platform.page(
        now_ms(),
        q,
        state,
        sort,
        (number - 1) * PAGE,
        PAGE,
    )
    return render_template(
        "platform/index.html",
        lines=lines,
        total=total,
        values={"q": q, "sort": sort, "state": state},
        number=number,
        pages=max(1, -(-total // PAGE)),
        sorts=SORT_WORDS,
        states=STATE_WORDS,
    )


@blueprint.get("/organizations/new")
@platform_owner_required
def new() -> Response:
    return _new_page(NewOrganizationForm(None))


@blueprint.post("/organizations/new")
@platform_owner_required
def create() -> Response:
    """Create it with the invitation of its first owner, whose link is shown once."""
    form = NewOrganizationForm()
    if not form.validate():
        return _new_page(form, 422)
    try:
        organization, token = provisioning.create(form.name.data, form.email.data, auth.actor())
    except Invalid as error:
        return _new_page(refused(form, error), 422)
    flash(f"{organization.name} created.", "success")
    return _page(organization, invited=form.email.data, token=token)


@blueprint.get("/organizations/<uuid:organization_id>")
@platform_owner_required
def show(organization_id: object) -> Response:
    return _page(_organization(organization_id))


@blueprint.post("/organizations/<uuid:organization_id>/invite")
@platform_owner_required
def invite(organization_id: object) -> Response:
    organization, form = _organization(organization_id), InviteForm()
    if not form.validate():
        return _page(organization, form, status=422)
    try:
        invitation, token = invitations.create(
            organization.id, form.email.data, form.role.data, auth.actor()
        )
    except Invalid as error:
        return _page(organization, refused(form, error), status=422)
    return _page(organization, invited=invitation.email, token=token)


@blueprint.post("/organizations/<uuid:organization_id>/enter")
@platform_owner_required
def enter(organization_id: object) -> Response:
    organization = _organization(organization_id)
    switching.leave()
    try:
        switching.enter(organization.id)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("platform.show", organization_id=organization.id), 303)
    return redirect(url_for("overview.show"), 303)


@blueprint.post("/leave")
@platform_owner_required
def leave() -> Response:
    entered = auth.current()
    switching.leave()
    if entered is not None and entered.has_entered:
        flash(f"You left {entered.organization.name}.", "success")
    return redirect(url_for("platform.index"), 303)


@blueprint.get("/organizations/<uuid:organization_id>/suspend")
@platform_owner_required
def confirm_suspend(organization_id: object) -> str:
    return _confirmation("platform/suspend.html", organization_id)


@blueprint.get("/organizations/<uuid:organization_id>/resume")
@platform_owner_required
def confirm_resume(organization_id: object) -> str:
    return _confirmation("platform/resume.html", organization_id)


@blueprint.post("/organizations/<uuid:organization_id>/suspend")
@platform_owner_required
def suspend(organization_id: object) -> Response:
    return _switched(suspension.suspend, organization_id, "suspended")


@blueprint.post("/organizations/<uuid:organization_id>/resume")
@platform_owner_required
def resume(organization_id: object) -> Response:
    return _switched(suspension.resume, organization_id, "resumed")


def _switched(
    switch: Callable[[str, Actor], Organization], organization_id: object, result: str
) -> Response:
    try:
        organization = switch(str(organization_id), auth.actor())
        flash(f"{organization.name} {result}.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return redirect(url_for("platform.show", organization_id=organization_id), 303)


@blueprint.get("/owners")
@platform_owner_required
def owners() -> str:
    return render_template("platform/owners.html", owners=platform.owners())


@blueprint.get("/audit")
@platform_owner_required
def audit_log() -> str:
    """Entries that concern no organization: platform owners and keys, refused sign-ins."""
    cursor = request.args.get("cursor")
    page = audit.page(None, AuditFilter(), PAGE, cursor)
    lines = [row_of(entry) for entry in page.rows]
    return render_template("platform/audit.html", page=page, lines=lines, cursor=cursor)


def _organization(organization_id: object) -> Organization:
    return accounts.organization(str(organization_id)) or abort(404)


def _confirmation(template: str, organization_id: object) -> str:
    organization = _organization(organization_id)
    return render_template(
        template,
        organization=organization,
        reach=platform.reach(organization),
        counted=platform.COUNTED,
    )


def _new_page(form: CallboardForm, status: int = 200) -> Response:
    return make_response(render_template("platform/new.html", form=form), status)


def _page(
    organization: Organization,
    form: CallboardForm | None = None,
    *,
    invited: str | None = None,
    token: str | None = None,
    status: int = 200,
) -> Response:
    # Never from the Host header, which the client chooses.
    link = token and invitations.link(token)
    page = render_template(
        "platform/show.html",
        organization=organization,
        reach=platform.reach(organization),
        counted=platform.COUNTED,
        members=accounts.members(organization.id),
        invitations=accounts.invitations(organization.id),
        form=form or InviteForm(None, role="owner"),
        invited=invited,
        link=link,
        can_send=runtime().settings.smtp_url is not None,
        days=INVITATION_SECONDS // 86_400,
        now=now_ms(),
    )
    return private(make_response(page, status))
