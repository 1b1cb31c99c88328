"""The organization's quotas and how much of them is used."""

from flask import Blueprint, render_template

from app.services.accounts import quotas
from app.web.common.access import auth

blueprint = Blueprint("quotas", __name__, url_prefix="/settings/quotas")


@blueprint.get("")
@auth.login_required
def show() -> str:
    return render_template("maintenance/quotas.html", usage=quotas.usage(auth.organization_id()))
