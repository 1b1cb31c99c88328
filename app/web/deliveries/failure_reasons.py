"""All failure reasons: what each means, and what to do."""

from flask import render_template

from app.domain.deliveries.causes import CAUSES, OK
from app.domain.deliveries.meanings import MEANINGS
from app.web.common.access import auth
from app.web.deliveries.listing import blueprint


@blueprint.get("/failure-reasons")
@auth.permission_required("deliveries:read")
def failure_reasons() -> str:
    reasons = [(code, cause, MEANINGS[code]) for code, cause in CAUSES.items() if code != OK]
    return render_template("deliveries/failure_reasons.html", reasons=reasons)
