"""/metrics counts requests to dialects like those to the native API."""

import pytest

from tests.compat.caller import UNKNOWN_ID, Caller
from tests.support.metrics import metric

EDIT = {"timeline": {}, "output": {}}


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/webhooks.json", "/webhooks.json", 200),
        (f"/webhooks/{UNKNOWN_ID}.json", "/webhooks/<webhook_id>.json", 404),
        (f"/v1/webhook/{UNKNOWN_ID}/", "/v1/webhook/<webhook_id>", 404),
        (f"/api/v1/{UNKNOWN_ID}/webhooks/", "/api/v1/<organization_id>/webhooks", 404),
        (f"/api/webhooks/{UNKNOWN_ID}", "/api/webhooks/<webhook_id>", 404),
        (f"/edit/v1/render/{UNKNOWN_ID}", "/edit/v1/render/<render_id>", 404),
        ("/v1/webhook/a/b", "other", 404),
    ],
)
def test_requests_are_counted_by_route_and_not_by_path(
    call: Caller, path: str, route: str, status: int
) -> None:
    labels = f'{{method="GET",route="{route}",status="{status}"}}'
    name = f"callboard_http_request_duration_seconds_count{labels}"
    before = metric(call.client, name)
    call("GET", path)
    assert metric(call.client, name) == before + 1


def test_a_render_counts_as_an_accepted_event(render: Caller) -> None:
    name = "callboard_events_accepted_total"
    before = metric(render.client, name)
    assert render("POST", "/edit/v1/render", EDIT).status_code == 201
    assert metric(render.client, name) == before + 1
