"""A client of the render dialect, and a render farm that reports on its edits."""

import json
from typing import Any

from app.domain.events.event import EventDraft
from app.queries import webhooks as webhook_queries
from app.services.events.publishing import Published, publish
from tests.compat.caller import Caller

RENDER = "/edit/v1/render"
EDIT = {
    "timeline": {"tracks": [{"clips": [{"asset": {"type": "title", "text": "Hi"}, "start": 0}]}]},
    "output": {"format": "mp4", "resolution": "sd"},
}


def submit(render: Caller, **more: Any) -> str:
    response = render("POST", RENDER, EDIT | more)
    assert response.status_code == 201, response.text
    render_id: str = response.json["response"]["id"]
    return render_id


def report(organization: Any, render_id: str, type_: str, **payload: Any) -> Published:
    """What a render farm posts."""
    draft = EventDraft(type_, json.dumps(payload).encode(), source=render_id)
    return publish(organization.id, draft)


def callbacks(organization: Any) -> list[Any]:
    """The one-time webhooks."""
    return webhook_queries.listed(organization.id, include_once=True)
