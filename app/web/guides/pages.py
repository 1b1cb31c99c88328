"""The guides: an index with a search, the page of one, and their images."""

from flask import Blueprint, abort, render_template, request, send_from_directory
from werkzeug.wrappers import Response

from app.web.common.access import auth
from app.web.guides import library

blueprint = Blueprint("guides", __name__, url_prefix="/guides")

_DAY = 86_400


@blueprint.get("")
@auth.login_required
def index() -> str:
    q = request.args.get("q", "").strip()[:200]
    topics = {
        topic: [(name, page.title) for name in names if (page := library.guide(name)) is not None]
        for topic, names in library.TOPICS.items()
    }
    matches = library.search(q.split()) if q else []
    return render_template("guides/index.html", topics=topics, q=q, matches=matches)


@blueprint.get("/<path:guide>")
@auth.login_required
def show(guide: str) -> str:
    page = library.guide(guide) or abort(404)
    headings = [each for each in page.sections if each.anchor and each.level == 2]
    return render_template("guides/show.html", page=page, headings=headings)


@blueprint.get("/images/<image>")
@auth.login_required
def show_image(image: str) -> Response:
    return send_from_directory(library.images(), image, max_age=_DAY)
