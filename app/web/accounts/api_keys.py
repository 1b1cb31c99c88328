"""API keys: list, create, revoke."""

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
from app.domain.common.errors import Invalid
from app.models import ApiKey
from app.queries.accounts import users as accounts
from app.services.accounts import api_keys
from app.services.accounts.api_keys import NewKey
from app.web.accounts.forms import SCOPE_WORDS, KeyForm, NetworksForm, refused
from app.web.accounts.organization import private
from app.web.common.access import auth
from app.web.common.forms import CallboardForm

blueprint = Blueprint("api_keys", __name__, url_prefix="/settings/api-keys")

MANAGE = "organization:manage"


@blueprint.get("")
@auth.permission_required(MANAGE)
def index() -> Response:
    return _page(KeyForm(None))


@blueprint.post("")
@auth.permission_required(MANAGE)
def create() -> Response:
    """Show the secret once, in the response itself: a redirect would have to carry it."""
    form = KeyForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        new_key = api_keys.create(
            auth.organization_id(),
            form.name.data,
            form.chosen_scopes(),
            form.expires_at(now_ms()),
            form.networks(),
            actor=auth.actor(),
        )
    except Invalid as error:
        return _page(refused(form, error), status=422)
    return _page(KeyForm(None), new_key)


@blueprint.get("/<uuid:key_id>/networks")
@auth.permission_required(MANAGE)
def networks(key_id: object) -> Response:
    key = _usable(key_id)
    form = NetworksForm(None, allowed_networks="\n".join(key.allowed_networks or ()))
    return _networks_page(key, form)


@blueprint.post("/<uuid:key_id>/networks")
@auth.permission_required(MANAGE)
def restrict(key_id: object) -> Response:
    key, form = _usable(key_id), NetworksForm()
    try:
        api_keys.restrict(auth.organization_id(), key.id, form.networks(), auth.actor())
    except Invalid as error:
        return _networks_page(key, refused(form, error), 422)
    flash(f"Allowed networks of API key {key.name} saved.", "success")
    return redirect(url_for("api_keys.index"), 303)


@blueprint.get("/<uuid:key_id>/revoke")
@auth.permission_required(MANAGE)
def confirm(key_id: object) -> str:
    key = accounts.api_key(auth.organization_id(), str(key_id)) or abort(404)
    return render_template("accounts/revoke_api_key.html", key=key)


@blueprint.post("/<uuid:key_id>/revoke")
@auth.permission_required(MANAGE)
def revoke(key_id: object) -> Response:
    row = api_keys.revoke(auth.organization_id(), str(key_id), auth.actor())
    flash(f"API key {row.name} revoked.", "success")
    return redirect(url_for("api_keys.index"), 303)


def _usable(key_id: object) -> ApiKey:
    key = accounts.api_key(auth.organization_id(), str(key_id))
    return abort(404) if key is None or key.revoked_at is not None else key


def _networks_page(key: ApiKey, form: CallboardForm, status: int = 200) -> Response:
    address = request.remote_addr
    page = render_template("accounts/api_key_networks.html", key=key, form=form, address=address)
    return make_response(page, status)


def _page(form: KeyForm, new_key: NewKey | None = None, *, status: int = 200) -> Response:
    page = render_template(
        "accounts/api_keys.html",
        form=form,
        new_key=new_key,
        keys=accounts.api_keys(auth.organization_id()),
        scope_words=SCOPE_WORDS,
        now=now_ms(),
    )
    return private(make_response(page, status))
