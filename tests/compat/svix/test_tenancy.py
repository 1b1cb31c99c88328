"""An organization's key sees its own application only, and a platform key all of them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from svix.api import Svix
from svix.exceptions import HttpError
from svix.models import (
    ApplicationIn,
    AppPortalAccessIn,
    AppUsageStatsIn,
    EndpointIn,
    EndpointOut,
    EventTypeIn,
    MessageIn,
    RecoverIn,
)

from app.models import PlatformEventType
from app.services.accounts import organizations, suspension
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running
from app.store.transaction import write_transaction
from tests.compat.caller import Caller

EPOCH: Any = "2020-01-01T00:00:00Z"
LATER: Any = "2030-01-01T00:00:00Z"
MESSAGE = MessageIn(event_type="user.created", payload={"n": 1})
SINCE = RecoverIn(since=EPOCH)

# Requests about an application and its things, by name.
CALLS: dict[str, Callable[[Svix, str, str, str], Any]] = {
    "application": lambda svix, app, *_: svix.application.get(app),
    "endpoints": lambda svix, app, *_: svix.endpoint.list(app),
    "create": lambda svix, app, *_: svix.endpoint.create(app, EndpointIn(url="https://a.com/")),
    "endpoint": lambda svix, app, endpoint, _: svix.endpoint.get(app, endpoint),
    "secret": lambda svix, app, endpoint, _: svix.endpoint.get_secret(app, endpoint),
    "recover": lambda svix, app, endpoint, _: svix.endpoint.recover(app, endpoint, SINCE),
    "send": lambda svix, app, *_: svix.message.create(app, MESSAGE),
    "message": lambda svix, app, _, message: svix.message.get(app, message),
    "expunge": lambda svix, app, _, message: svix.message.expunge_content(app, message),
    "attempts": lambda svix, app, endpoint, _: svix.message_attempt.list_by_endpoint(app, endpoint),
    "portal": lambda s, app, *_: s.authentication.app_portal_access(app, AppPortalAccessIn()),
}


def test_another_organizations_key_finds_nothing(
    own: Svix, other: Svix, app_id: str, endpoint: EndpointOut
) -> None:
    message_id = own.message.create(app_id, MESSAGE).id
    for call in CALLS.values():
        for path in (app_id, app_id.removeprefix("app_")):
            with pytest.raises(HttpError) as caught:
                call(other, path, endpoint.id, message_id)
            assert (caught.value.status_code, caught.value.code) == (404, "not_found")
    assert own.message.get(app_id, message_id).id == message_id


def test_ids_of_one_application_are_not_found_in_another(
    environment: Svix, own: Svix, app_id: str, endpoint: EndpointOut
) -> None:
    message_id = own.message.create(app_id, MESSAGE).id
    second = environment.application.create(ApplicationIn(name="Second")).id
    for name in ("endpoint", "secret", "recover", "message", "expunge", "attempts"):
        with pytest.raises(HttpError) as caught:
            CALLS[name](environment, second, endpoint.id, message_id)
        assert caught.value.status_code == 404


def test_the_list_of_applications_has_only_the_keys_own(
    environment: Svix, own: Svix, other: Svix, app_id: str
) -> None:
    assert [row.id for row in own.application.list().data] == [app_id]
    assert app_id not in [row.id for row in other.application.list().data]
    assert app_id in [row.id for row in environment.application.list().data]


def test_an_organizations_key_does_not_change_applications(own: Svix, app_id: str) -> None:
    for change in (
        lambda: own.application.create(ApplicationIn(name="Mine")),
        lambda: own.application.upsert(app_id, ApplicationIn(name="Mine")),
        lambda: own.application.delete(app_id),
    ):
        with pytest.raises(HttpError) as caught:
            change()
        assert (caught.value.status_code, caught.value.code) == (403, "forbidden")


def test_a_deleted_application_is_gone_for_its_key_and_for_the_platform(
    environment: Svix, own: Svix, app_id: str
) -> None:
    other_id = environment.application.create(ApplicationIn(name="Second")).id
    environment.application.delete(app_id)
    with pytest.raises(HttpError) as refused:
        own.message.create(app_id, MESSAGE)
    assert refused.value.status_code == 403
    for again in (environment.application.get, environment.application.delete):
        with pytest.raises(HttpError) as missing:
            again(app_id)
        assert (missing.value.status_code, missing.value.code) == (404, "not_found")
    assert [row.id for row in environment.application.list().data] == [other_id]


def test_deleting_an_application_responds_without_content(
    sqlite_app: Flask, platform_key: str, app_id: str
) -> None:
    headers = {"Authorization": f"Bearer {platform_key}"}
    response = sqlite_app.test_client().delete(f"/api/v1/app/{app_id}", headers=headers)
    assert (response.status_code, response.data) == (204, b"")


def test_jobs_and_statistics_of_an_organizations_key_are_about_itself(
    environment: Svix, own: Svix, other: Svix, app_id: str
) -> None:
    task = own.statistics.aggregate_event_types()
    assert own.background_task.get(task.id).status == "running"
    running.run_all()
    assert own.background_task.get(task.id).status == "finished"
    rows = own.background_task.get(task.id).data["event_types"]
    assert [row["appId"] for row in rows] == [app_id]
    assert [row.id for row in own.background_task.list().data] == [task.id]
    assert [row.id for row in environment.background_task.list().data] == [task.id]
    assert other.background_task.list().data == []
    with pytest.raises(HttpError) as caught:
        other.background_task.get(task.id)
    assert caught.value.status_code == 404
    usage = AppUsageStatsIn(since=EPOCH, until=LATER, app_ids=[app_id, "x"])
    assert own.statistics.aggregate_app_stats(usage).unresolved_app_ids == ["x"]


def test_types_of_a_platform_key_are_in_every_catalogue_and_others_in_their_own(
    environment: Svix, own: Svix, other: Svix
) -> None:
    environment.event_type.create(EventTypeIn(name="for.all", description="Shared"))
    own.event_type.create(EventTypeIn(name="for.me", description="Mine"))
    names = [[row.name for row in s.event_type.list().data] for s in (own, other, environment)]
    assert names == [["for.all", "for.me"], ["for.all"], ["for.all"]]
    with pytest.raises(HttpError):
        other.event_type.get("for.me")


def test_a_type_that_was_stored_with_a_dead_reference_can_be_archived(
    environment: Svix, platform_key: str, raw: Caller
) -> None:
    platform = raw.by(Authorization=f"Bearer {platform_key}")
    environment.event_type.create(EventTypeIn(name="old", description="Old", schemas={"1": {}}))
    dead = {"1": {"$ref": "#/definitions/gone"}}
    with write_transaction() as session:
        session.get_one(PlatformEventType, "old").schemas = dead
    path, described = "/event-type/old", {"description": "Older"}
    assert platform("PATCH", path, described).json["description"] == "Older"
    assert platform("PATCH", path, {"schemas": {"2": dead["1"]}}).status_code == 422
    assert platform("DELETE", path).status_code == 204
    assert platform("GET", path).json["archived"] is True


def test_the_native_api_shows_types_of_the_platform(environment: Svix, raw: Caller) -> None:
    schemas = {"1": {"type": "object", "examples": [{"n": 1}]}}
    shared = EventTypeIn(name="for.all", description="Shared", schemas=schemas)
    environment.event_type.create(shared)
    [listed] = raw("GET", "/event-types").json["data"]
    assert (listed["name"], listed["has_sample"], listed["has_schema"]) == ("for.all", True, True)
    assert raw("GET", "/event-types/for.all").json["sample"] == {"n": 1}
    assert raw("DELETE", "/event-types/for.all").status_code == 409


def test_a_suspended_application_is_refused(environment: Svix) -> None:
    row = organizations.create("Late payer", uid="late")
    suspension.suspend(row.id, SYSTEM)
    with pytest.raises(HttpError) as caught:
        environment.endpoint.list("late")
    assert (caught.value.status_code, caught.value.code) == (403, "organization_suspended")
