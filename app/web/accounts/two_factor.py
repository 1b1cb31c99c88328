"""Set up two-factor authentication, renew recovery codes, and turn it off."""

from typing import Any

import segno
from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Invalid, RateLimited
from app.models import Organization, User
from app.queries.accounts import users as account_queries
from app.services.sign_in import two_factor
from app.services.sign_in.two_factor import Enrolment
from app.web.accounts.forms import CurrentCodeForm, CurrentPasswordForm, EnrolForm, refused
from app.web.accounts.organization import private
from app.web.common.access import auth
from app.web.common.forms import CallboardForm

blueprint = Blueprint("two_factor", __name__, url_prefix="/settings/account/two-factor")


@blueprint.get("")
@auth.account_required
def show() -> Response:
    return _page()


@blueprint.post("")
@auth.account_required
def begin() -> Response:
    """Create the secret. The page shows it until it is confirmed."""
    try:
        two_factor.begin(_user().id)
    except Conflict as error:
        flash(error.detail, "error")
    return redirect(url_for("two_factor.show"), 303)


@blueprint.post("/confirm")
@auth.account_required
def confirm() -> Response:
    """Show the recovery codes once, in the response itself: a redirect would have to carry them."""
    form = EnrolForm()
    if not form.validate():
        return _page(enrol=form, status=422)
    try:
        codes = two_factor.confirm(
            _user().id, form.code.data, form.current.data or "", auth.actor()
        )
    except (Invalid, Conflict, RateLimited) as error:
        return _page(enrol=refused(form, error), status=422)
    auth.begin(_user(), session.get("organization"))
    return _page(codes=codes)


@blueprint.post("/recovery-codes")
@auth.account_required
def renew() -> Response:
    form = _proof_form("renew-")
    try:
        codes = two_factor.renew_recovery_codes(_user().id, form.current.data or "", auth.actor())
    except (Invalid, Conflict, RateLimited) as error:
        return _page(renewal=refused(form, error), status=422)
    return _page(codes=codes)


@blueprint.post("/disable")
@auth.account_required
def disable() -> Response:
    form = _proof_form("disable-")
    try:
        two_factor.disable(_user().id, form.current.data or "", auth.actor())
    except (Invalid, Conflict, RateLimited) as error:
        return _page(disabling=refused(form, error), status=422)
    flash("Two-factor authentication is off.", "success")
    return redirect(url_for("two_factor.show"), 303)


def _user() -> User:
    user = auth.current_user()
    assert user is not None
    return user


def _proof_form(prefix: str, *args: Any) -> CurrentPasswordForm | CurrentCodeForm:
    """People without a password prove with a code who they are."""
    kind = CurrentPasswordForm if _user().password_hash else CurrentCodeForm
    return kind(*args, prefix=prefix)


def _others(user: User, locked: Organization) -> list[Organization]:
    """The person's organizations that they may open instead."""
    pairs = account_queries.memberships_of(user.id)
    return [pair[1] for pair in pairs if pair[1].id != locked.id]


def _qr_code(enrolment: Enrolment) -> Markup:
    """An SVG without style attributes, which the Content-Security-Policy would refuse."""
    code = segno.make_qr(enrolment.uri, error="m")
    svg = code.svg_inline(omitsize=True, svgclass="qr-code", lineclass=None, border=4, light="#fff")
    # The text is encoded in squares: nothing of it is markup.
    return Markup(svg)  # noqa: S704


def _page(
    *,
    enrol: CallboardForm | None = None,
    renewal: CallboardForm | None = None,
    disabling: CallboardForm | None = None,
    codes: list[str] | None = None,
    status: int = 200,
) -> Response:
    user, locked = _user(), auth.locked_organization()
    enrolment = two_factor.pending(user)
    page = render_template(
        "accounts/two_factor.html",
        user=user,
        enrolment=enrolment,
        qr_code=_qr_code(enrolment) if enrolment else "",
        enrol=enrol or EnrolForm(None),
        renewal=renewal or _proof_form("renew-", None),
        disabling=disabling or _proof_form("disable-", None),
        codes=codes,
        codes_left=account_queries.recovery_codes_left(user.id),
        locked=locked,
        others=_others(user, locked) if locked else (),
    )
    return private(make_response(page, status))
