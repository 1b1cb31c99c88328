"""The form of a webhook, as a browser would send it."""

import re
from typing import Any

from sqlalchemy import select

from app.models import Webhook
from app.models.common.base import db
from tests.web.visitor import Visitor


def filled(owner: Visitor, path: str = "/webhooks/new?preset=standard") -> dict[str, Any]:
    """What a browser would send of the form as it came."""
    page = owner.get(path).text
    form = page.partition('id="webhook-form"')[2].partition("</form>")[0]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type")
        if kind in ("radio", "checkbox") and " checked" not in tag:
            continue
        values[name] = _attribute(tag, "value")
    for name, inner in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        values[name] = inner.strip()
    for name, inner in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', inner)
        values[name] = chosen[1] if chosen else ""
    return values


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return match[1] if match else ""


def stored() -> list[Webhook]:
    statement = select(Webhook).execution_options(populate_existing=True).order_by(Webhook.id)
    return list(db.session.scalars(statement))
