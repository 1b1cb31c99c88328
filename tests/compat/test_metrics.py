"""/metrics counts what comes in by a dialect as what comes in by the native API."""

import pytest

from tests.compat.caller import NOBODY, Caller
from tests.support.metrics import metric

EDIT = {"timeline": {}, "output": {}}


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/webhooks.json", "/webhooks.json", 200),
        (f"/webhooks/{NOBODY}.json", "/webhooks/<webhook_id>.json", 404),
        (f"/v1/webhook/{NOBODY}/", "/v1/webhook/<webhook_id>", 404),
        (f"/api/v1/{NOBODY}/webhooks/", "/api/v1/<organization_id>/webhooks", 404),
        (f"/api/webhooks/{NOBODY}", "/api/webhooks/<webhook_id>", 404),
        (f"/edit/v1/render/{NOBODY}", "/edit/v1/render/<render_id>", 404),
        ("/v1/webhook/a/b", "other", 404),
    ],
)
def test_requests_are_counted_by_route_and_not_by_path(
    call: Caller, path: str, route: str, status: int
) -> None:
    name = f'callboard_api_requests_total{{method="GET",route="{route}",status="{status}"}}'
    before = metric(call.client, name)
    call("GET", path)
    assert metric(call.client, name) == before + 1


def test_a_render_is_an_event_that_was_accepted(render: Caller) -> None:
    name = "callboard_events_accepted_total"
    before = metric(render.client, name)
    assert render("POST", "/edit/v1/render", EDIT).status_code == 201
    assert metric(render.client, name) == before + 1
