"""PyPI svix 2.x: call every method that it has.

Environment: CALLBOARD, PLATFORM_KEY, RECEIVER. Prints one line for each method: its name, and
`works` or the status that refused it.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from svix import models
from svix.api import (
    BackgroundTaskListOptions,
    EndpointListOptions,
    EventTypeDeleteOptions,
    EventTypeListOptions,
    MessageAttemptListByEndpointOptions,
    MessageAttemptListByMsgOptions,
    MessageCreateOptions,
    MessageGetOptions,
    MessageListOptions,
    Svix,
    SvixOptions,
)
from svix.exceptions import HttpError
from svix_methods import Recorded, methods, poll, refused

APP, ENDPOINT, TYPE = "customer-1", "endpoint-1", "user.created"
SCHEMAS = {"1": {"type": "object", "examples": [{"n": 1}, {"n": 2}]}}


def walk(
    client: Svix, receiver: str, deliver: Callable[[Callable[[], bool]], None]
) -> dict[str, str]:
    """The result of every method, by name. deliver: waits until a condition about deliveries is
    true."""
    results: dict[str, str] = {}
    svix = Recorded(client, results)
    applications(svix)
    event_types(svix)
    endpoints(svix, receiver)
    messages(svix, deliver)
    recovery(svix)
    others(svix, deliver)
    endings(svix)
    for name, method in methods(client):
        if name not in results:
            results[name] = refused(method, APP)
    return results


def applications(svix: Any) -> None:
    svix.health.get()
    created = svix.application.create(
        models.ApplicationIn(name="Customer", uid=APP, metadata={"plan": "free"})
    )
    same = svix.application.get_or_create(models.ApplicationIn(name="Customer", uid=APP))
    assert same.id == created.id
    assert created.metadata == {"plan": "free"}
    assert svix.application.get(created.id).uid == svix.application.get(APP).uid == APP
    renamed = svix.application.upsert(APP, models.ApplicationIn(name="Renamed", uid=APP))
    assert (renamed.id, renamed.name, renamed.metadata) == (created.id, "Renamed", {})
    patched = svix.application.patch(APP, models.ApplicationPatch(metadata={"a": "b"}))
    assert (patched.name, patched.metadata) == ("Renamed", {"a": "b"})
    assert created.id in [row.id for row in svix.application.list().data]
    former = svix.application.create(models.ApplicationIn(name="Former")).id
    svix.application.delete(former)
    assert missing(lambda: svix.application.get(former)) == (404, "not_found")


def event_types(svix: Any) -> None:
    described = models.EventTypeIn(name=TYPE, description="A user.", schemas=SCHEMAS)
    assert svix.event_type.create(described).schemas == SCHEMAS
    assert svix.event_type.get(TYPE).description == "A user."
    new = models.EventTypeUpsertIn(description="New.", schemas=SCHEMAS)
    assert svix.event_type.upsert(TYPE, new).description == "New."
    grouped = svix.event_type.patch(TYPE, models.EventTypePatch(group_name="user"))
    assert grouped.group_name == "user"
    listed = svix.event_type.list(EventTypeListOptions(with_content=True))
    assert listed.data[0].schemas == SCHEMAS
    svix.event_type.create(models.EventTypeIn(name="user.gone", description="x"))
    svix.event_type.delete("user.gone")
    assert svix.event_type.get("user.gone").archived
    svix.event_type.delete("user.gone", EventTypeDeleteOptions(expunge=True))


def endpoints(svix: Any, receiver: str) -> None:
    fields = models.EndpointIn(
        url=f"{receiver}/svix",
        uid=ENDPOINT,
        description="Mine",
        event_types=[TYPE],
        channels=["project-1"],
        throttle_rate=100,
        metadata={"a": "b"},
        headers={"X-Own": "1", "Authorization": "Bearer x"},
    )
    endpoint = svix.endpoint.create(APP, fields)
    assert (endpoint.uid, endpoint.channels, endpoint.throttle_rate) == (
        ENDPOINT,
        ["project-1"],
        100,
    )
    assert svix.endpoint.get(APP, endpoint.id) == svix.endpoint.get(APP, ENDPOINT) == endpoint
    headers = svix.endpoint.get_headers(APP, ENDPOINT)
    assert (headers.headers, headers.sensitive) == ({"X-Own": "1"}, ["Authorization"])
    svix.endpoint.set_headers(APP, ENDPOINT, models.EndpointHeadersIn(headers={"X-A": "1"}))
    more = models.EndpointHeadersPatchIn(headers={"X-B": "2"}, delete_headers=["X-A"])
    svix.endpoint.patch_headers(APP, ENDPOINT, more)
    assert svix.endpoint.get_headers(APP, ENDPOINT).headers == {"X-B": "2"}
    secret = svix.endpoint.get_secret(APP, ENDPOINT).key
    rotated = svix.endpoint.rotate_secret(APP, ENDPOINT, models.EndpointSecretRotateIn())
    assert secret != rotated.key == svix.endpoint.get_secret(APP, ENDPOINT).key
    patched = svix.endpoint.patch(APP, ENDPOINT, models.EndpointPatch(description="Yours"))
    assert (patched.description, patched.event_types) == ("Yours", [TYPE])
    upsert = models.EndpointUpsertIn(url=f"{receiver}/svix", uid=ENDPOINT, channels=["project-1"])
    assert svix.endpoint.upsert(APP, ENDPOINT, upsert).event_types is None
    second = svix.endpoint.create(APP, models.EndpointIn(url=f"{receiver}/second"))
    turned(lambda **more: svix.endpoint.list(APP, EndpointListOptions(**more)), 2)
    svix.endpoint.delete(APP, second.id)


def turned(page: Callable[..., Any], number: int) -> None:
    """Turn single-entry pages of a list of `number` entries to its end and back."""
    first = page(limit=1)
    last = first
    for _ in range(number - 1):
        assert not last.done
        last = page(limit=1, iterator=last.iterator)
    assert last.done
    back = last
    for _ in range(number - 1):
        back = page(limit=1, iterator=back.prev_iterator)
    assert [row.id for row in back.data] == [row.id for row in first.data]


def messages(svix: Any, deliver: Callable[[Callable[[], bool]], None]) -> None:
    fields = models.MessageIn(
        event_type=TYPE, event_id="own-1", payload={"n": 1}, channels=["project-1"]
    )
    message = svix.message.create(APP, fields, MessageCreateOptions(with_content=True))
    assert (message.payload, message.channels, message.event_id) == (
        {"n": 1},
        ["project-1"],
        "own-1",
    )
    svix.message.create(APP, models.MessageIn(event_type=TYPE, payload={}, channels=["project-1"]))
    content = MessageGetOptions(with_content=True)
    assert svix.message.get(APP, "own-1", content) == svix.message.get(APP, message.id, content)
    check = models.MessagePrecheckIn(event_type=TYPE, channels=["project-1"])
    assert svix.message.precheck(APP, check).active
    assert not svix.message.precheck(APP, models.MessagePrecheckIn(event_type=TYPE)).active
    turned(lambda **more: svix.message.list(APP, MessageListOptions(**more)), 2)
    deliver(lambda: len(svix.message_attempt.list_by_endpoint(APP, ENDPOINT).data) == 2)
    attempts(svix, message.id)


def attempts(svix: Any, message_id: str) -> None:
    api, listed = svix.message_attempt, MessageAttemptListByEndpointOptions
    turned(lambda **more: api.list_by_endpoint(APP, ENDPOINT, listed(**more)), 2)
    for more in (
        {"status": models.MessageStatus.SUCCESS},
        {"status_code_class": models.StatusCodeClass.CODE2XX},
        {"channel": "project-1"},
        {"event_types": [TYPE]},
        {"before": datetime.now(UTC) + timedelta(hours=1)},
        {"after": datetime.now(UTC) - timedelta(hours=1)},
    ):
        assert len(api.list_by_endpoint(APP, ENDPOINT, listed(**more)).data) == 2, more
    for more in (
        {"status": models.MessageStatus.FAIL},
        {"status_code_class": models.StatusCodeClass.CODE5XX},
        {"channel": "project-2"},
        {"before": datetime.now(UTC) - timedelta(hours=1)},
    ):
        assert api.list_by_endpoint(APP, ENDPOINT, listed(**more)).data == [], more
    options = MessageAttemptListByMsgOptions(endpoint_id=ENDPOINT)
    [attempt] = api.list_by_msg(APP, message_id, options).data
    assert api.get(APP, message_id, attempt.id).response_status_code == 200
    assert len(api.list_attempted_messages(APP, ENDPOINT).data) == 2
    [destination] = api.list_attempted_destinations(APP, message_id).data
    assert destination.status == models.MessageStatus.SUCCESS
    api.resend(APP, message_id, ENDPOINT)


def recovery(svix: Any) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    for act, model in (
        (svix.endpoint.recover, models.RecoverIn),
        (svix.endpoint.replay_missing, models.ReplayIn),
    ):
        task = act(APP, ENDPOINT, model(since=since))
        assert svix.background_task.get(task.id).data["messagesSent"] == 0
    example = models.EventExampleIn(event_type=TYPE, example_index=1)
    assert svix.endpoint.send_example(APP, ENDPOINT, example).payload == {"n": 2}
    stats = svix.endpoint.get_stats(APP, ENDPOINT)
    assert stats.success + stats.pending + stats.sending >= 2
    assert svix.endpoint.get_attempt_stats(APP, ENDPOINT).success >= 2


def others(svix: Any, deliver: Callable[[Callable[[], bool]], None]) -> None:
    def end(task_id: str) -> Any:
        deliver(lambda: svix.background_task.get(task_id).status != "running")
        return svix.background_task.get(task_id).data

    link = svix.authentication.app_portal_access(APP, models.AppPortalAccessIn(read_only=True))
    assert "/portal/" in link.url
    svix.authentication.expire_all(APP, models.ApplicationTokenExpireIn())
    task = svix.statistics.aggregate_event_types()
    [row] = [
        row for row in end(task.id)["event_types"] if row["appId"] == svix.application.get(APP).id
    ]
    assert row["hasCatchAllEndpoint"]
    until = datetime.now(UTC) + timedelta(hours=1)
    usage = models.AppUsageStatsIn(
        since=until - timedelta(hours=2), until=until, app_ids=[APP, "nobody"]
    )
    task = svix.statistics.aggregate_app_stats(usage)
    assert task.unresolved_app_ids == ["nobody"]
    [row] = end(task.id)["appStats"]
    assert row["appUid"] == APP
    assert row["messageDestinations"] >= 2
    named = models.BackgroundTaskType.APPLICATION_STATS
    assert svix.background_task.list(BackgroundTaskListOptions(task=named)).data[0].id == task.id


def endings(svix: Any) -> None:
    svix.message.expunge_content(APP, "own-1")
    content = MessageGetOptions(with_content=True)
    assert svix.message.get(APP, "own-1", content).payload == {}
    svix.endpoint.delete(APP, ENDPOINT)
    assert missing(lambda: svix.endpoint.get(APP, ENDPOINT)) == (404, "not_found")


def missing(call: Callable[[], Any]) -> tuple[int, str]:
    """Status and code of the error that a call raises."""
    try:
        call()
    except HttpError as error:
        return error.status_code, error.code
    return 200, ""


if __name__ == "__main__":
    options = SvixOptions(server_url=os.environ["CALLBOARD"], retry_schedule=[])
    environment = Svix(os.environ["PLATFORM_KEY"], options)
    for name, result in sorted(walk(environment, os.environ["RECEIVER"], poll).items()):
        print(name, result)
