"""Import event types from an OpenAPI document, after a review."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app.domain.common.errors import CallboardError, Invalid, Unavailable
from app.services.event_types import imports
from app.services.event_types.imports import CHANGED, NEW, Planned
from app.web.common.access import auth
from app.web.common.forms import CallboardForm
from app.web.common.problems import error_text
from app.web.common.rendering.localized import plural
from app.web.event_types.pages import WRITE, blueprint


class ImportForm(CallboardForm):
    subject = "Event type import"
    file = FileField("File")
    document = TextAreaField("Or paste the document")


@blueprint.route("/event-type-import", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def import_types() -> Response | str | tuple[str, int]:
    """Without `confirm` the review, with it the import of the selected names."""
    form = ImportForm()
    if request.method != "POST":
        return _page(form)
    try:
        organization_id = auth.organization_id()
        document = imports.read_document(organization_id, _text(form))
        planned = imports.plan(organization_id, document)
    except Invalid as error:
        form.document.errors = [error_text(e) for e in error.errors]
    except CallboardError as error:
        form.document.errors = [error.detail]
        return _page(form), 503 if isinstance(error, Unavailable) else 422
    else:
        return _review_or_import(form, planned)
    return _page(form), 422


def _review_or_import(form: ImportForm, planned: list[Planned]) -> Response | str:
    if "confirm" not in request.form:
        return _page(form, planned)
    names = set(request.form.getlist("names"))
    imported = imports.carry_out(auth.organization_id(), planned, names, auth.actor())
    flash(f"{plural(len(imported), 'event type')} imported.", "success" if imported else "info")
    return redirect(url_for("event_types.index"), 303)


def _text(form: ImportForm) -> bytes:
    """The uploaded file, which then replaces the pasted text, or the pasted text."""
    file = form.file.data
    if isinstance(file, FileStorage) and file.filename:
        content: bytes = file.read(imports.MAX_DOCUMENT + 1)
        form.document.data = content.decode(errors="replace")
        return content
    return (form.document.data or "").encode("utf-8", "replace")


def _page(form: ImportForm, planned: list[Planned] | None = None) -> str:
    return render_template(
        "event_types/import.html",
        form=form,
        planned_types=planned,
        can_import=any(plan.becomes in (NEW, CHANGED) for plan in planned or ()),
    )
