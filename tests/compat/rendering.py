"""A client of the render dialect, and a farm that says what becomes of its edits."""

import json
from typing import Any

from app.domain.events.event import EventDraft
from app.queries import webhooks
from app.services.events.publishing import Published, publish
from tests.compat.caller import Caller

RENDER = "/edit/v1/render"
EDIT = {
    "timeline": {"tracks": [{"clips": [{"asset": {"type": "title", "text": "Hi"}, "start": 0}]}]},
    "output": {"format": "mp4", "resolution": "sd"},
}


def submitted(render: Caller, **more: Any) -> str:
    answer = render("POST", RENDER, EDIT | more)
    assert answer.status_code == 201, answer.text
    found: str = answer.json["response"]["id"]
    return found


def told(organization: Any, render_id: str, type_: str, **payload: Any) -> Published:
    """What a render farm posts."""
    draft = EventDraft(type_, json.dumps(payload).encode(), source=render_id)
    return publish(organization.id, draft)


def callbacks(organization: Any) -> list[Any]:
    """The webhooks that are good once."""
    return webhooks.listed(organization.id, include_once=True)
