"""Event types from an OpenAPI document: first a look at what would become of it."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app.domain.common.errors import CallboardError, Invalid
from app.services.event_types import imports
from app.services.event_types.imports import CHANGED, NEW, Planned
from app.web.common import auth
from app.web.common.forms import CallboardForm
from app.web.event_types.pages import WRITE, blueprint


class ImportForm(CallboardForm):
    file = FileField("A file")
    document = TextAreaField("Or its text")


@blueprint.route("/event-type-import", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def import_types() -> Response | str | tuple[str, int]:
    """The second time, with `confirm`, it is done, for the names that are ticked."""
    form = ImportForm()
    if request.method != "POST":
        return _page(form)
    try:
        organization_id = auth.organization_id()
        document = imports.read_document(organization_id, _text(form))
        planned = imports.plan(organization_id, document)
    except Invalid as error:
        form.document.errors = [f"{e.problem} {e.remedy}" for e in error.errors]
    except CallboardError as error:
        form.document.errors = [error.detail]
    else:
        return _looked_at(form, planned)
    return _page(form), 422


def _looked_at(form: ImportForm, planned: list[Planned]) -> Response | str:
    if "confirm" not in request.form:
        return _page(form, planned)
    names = set(request.form.getlist("names"))
    taken = imports.carry_out(auth.organization_id(), planned, names, auth.actor())
    number = len(taken)
    words = "1 event type is" if number == 1 else f"{number or 'No'} event types are"
    flash(f"{words} taken over.", "success" if taken else "info")
    return redirect(url_for("event_types.index"), 303)


def _text(form: ImportForm) -> bytes:
    """Of the file, if there is one; it stands in the text from then on."""
    file = form.file.data
    if isinstance(file, FileStorage) and file.filename:
        read = file.read(imports.MAX_DOCUMENT + 1)
        form.document.data = read.decode(errors="replace")
        return read
    return (form.document.data or "").encode("utf-8", "replace")


def _page(form: ImportForm, planned: list[Planned] | None = None) -> str:
    return render_template(
        "event_types/import.html",
        form=form,
        planned=planned,
        takes=[one for one in planned or () if one.becomes in (NEW, CHANGED)],
    )
