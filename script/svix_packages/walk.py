"""Call every method that a `svix` package declares, and say what came of it.

One walk for the packages of all languages, 1.x and 2.x. Fields of both generations are sent, and
each package takes those that it knows.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from script.svix_packages.caller import Driver, Package, Refused, Unsent
from script.svix_packages.examples import example
from script.svix_packages.steps import Deliver, Steps

SCHEMAS = {"1": {"type": "object", "examples": [{"n": 1}, {"n": 2}]}}
SUCCESS, FAIL = 0, 2


def walk(driver: Driver, receiver: str, deliver: Deliver, prefix: str = "") -> dict[str, str]:
    """The result of every method by name: `works`, the status that refused it, or
    `unsent` where the package fails before it sends a request.

    prefix: of the uids and names it makes, as several packages may walk one installation.
    """
    walked = Walk(Package(driver), receiver, deliver, prefix)
    walked.all()
    return walked.svix.results


class Walk(Steps):
    def all(self) -> None:
        self.applications()
        self.event_types()
        self.endpoints()
        self.headers_and_secrets()
        self.messages()
        self.recovery()
        self.statistics()
        self.endings()
        self.refusals()

    def applications(self) -> None:
        svix, app = self.svix, self.app
        if svix.has("health.get"):
            svix("health.get")
        if svix.has("authentication.whoami"):
            assert svix("authentication.whoami").get("appId") is None
        fields = {"name": "Customer", "uid": app, "metadata": {"plan": "free"}}
        created = svix("application.create", fields)
        assert svix("application.get_or_create", fields)["id"] == created["id"]
        assert created["metadata"] == {"plan": "free"}
        by_id, by_uid = svix("application.get", created["id"]), svix("application.get", app)
        assert by_id["uid"] == by_uid["uid"] == app
        renamed = svix("application.upsert", app, {"name": "Renamed", "uid": app})
        assert (renamed["id"], renamed["name"]) == (created["id"], "Renamed")
        assert renamed["metadata"] == {}
        patched = svix("application.patch", app, {"metadata": {"a": "b"}})
        assert (patched["name"], patched["metadata"]) == ("Renamed", {"a": "b"})
        listed = svix("application.list", limit=250)
        assert created["id"] in [row["id"] for row in listed["data"]]
        former = svix("application.create", {"name": "Former"})["id"]
        svix("application.delete", former)
        self.missing("application.get", former)

    def event_types(self) -> None:
        svix, name = self.svix, self.type
        described = {"name": name, "description": "A user.", "schemas": SCHEMAS}
        assert svix("event_type.create", described)["schemas"] == SCHEMAS
        assert svix("event_type.get", name)["description"] == "A user."
        new = {"description": "New.", "schemas": SCHEMAS}
        assert svix("event_type.upsert", name, new)["description"] == "New."
        assert svix("event_type.patch", name, {"groupName": "user"})["groupName"] == "user"
        listed = svix("event_type.list", withContent=True)["data"]
        assert SCHEMAS in [row["schemas"] for row in listed if row["name"] == name]
        gone = f"{name}.gone"
        svix("event_type.create", {"name": gone, "description": "x"})
        svix("event_type.delete", gone)
        assert svix("event_type.get", gone)["archived"]
        svix("event_type.delete", gone, expunge=True)
        self.missing("event_type.get", gone)

    def endpoints(self) -> None:
        svix, app = self.svix, self.app
        fields = {
            "url": f"{self.receiver}/svix",
            "uid": self.endpoint,
            "description": "Mine",
            "eventTypes": [self.type],
            "filterTypes": [self.type],
            "channels": ["project-1"],
            "throttleRate": 100,
            "rateLimit": 100,
            "metadata": {"a": "b"},
            "headers": {"X-Own": "1", "Authorization": "Bearer x"},
        }
        endpoint = svix("endpoint.create", app, fields)
        assert (endpoint["uid"], endpoint["channels"]) == (self.endpoint, ["project-1"])
        assert endpoint.get("throttleRate", endpoint.get("rateLimit")) == 100
        by_id = svix("endpoint.get", app, endpoint["id"])
        assert by_id == svix("endpoint.get", *self.path) == endpoint
        patched = svix("endpoint.patch", *self.path, {"description": "Yours"})
        assert (patched["description"], _types(patched)) == ("Yours", [self.type])
        fields = {"url": fields["url"], "uid": self.endpoint, "channels": ["project-1"]}
        assert not _types(svix("endpoint.upsert", *self.path, fields))
        second = svix("endpoint.create", app, {"url": f"{self.receiver}/second"})
        self.turn("endpoint.list", (app,))
        svix("endpoint.delete", app, second["id"])
        self.missing("endpoint.get", app, second["id"])

    def headers_and_secrets(self) -> None:
        svix, path = self.svix, self.path
        headers = svix("endpoint.get_headers", *path)
        assert (headers["headers"], headers["sensitive"]) == ({"X-Own": "1"}, ["Authorization"])
        svix("endpoint.set_headers", *path, {"headers": {"X-A": "1"}})
        svix("endpoint.patch_headers", *path, {"headers": {"X-B": "2"}, "deleteHeaders": ["X-A"]})
        remaining = svix("endpoint.get_headers", *path)["headers"]
        # The header X-A is deleted by clients that can name it.
        assert remaining["X-B"] == "2"
        secret = svix("endpoint.get_secret", *path)["key"]
        assert secret.startswith("whsec_")
        svix("endpoint.rotate_secret", *path, {})
        assert svix("endpoint.get_secret", *path)["key"] != secret

    def messages(self) -> None:
        svix, app, own = self.svix, self.app, f"{self.endpoint}-own-1"
        channels = ["project-1"]
        fields = {"eventType": self.type, "payload": {"n": 1}, "channels": channels}
        message = svix("message.create", app, fields | {"eventId": own}, withContent=True)
        assert (message["payload"], message["channels"]) == ({"n": 1}, channels)
        assert message["eventId"] == own
        svix("message.create", app, fields | {"payload": {}})
        by_own_id = svix("message.get", app, own, withContent=True)
        assert by_own_id == svix("message.get", app, message["id"], withContent=True)
        check = {"eventType": self.type, "channels": channels}
        assert svix("message.precheck", app, check)["active"]
        assert not svix("message.precheck", app, {"eventType": self.type})["active"]
        self.turn("message.list", (app,))
        listed = "message_attempt.list_by_endpoint"
        self.deliver(lambda: len(svix(listed, *self.path)["data"]) == 2)
        self.attempts(message["id"])
        svix("message.expunge_content", app, own)
        assert svix("message.get", app, own, withContent=True)["payload"] == {}

    def attempts(self, message_id: str) -> None:
        svix, app = self.svix, self.app
        self.turn("message_attempt.list_by_endpoint", self.path)
        for number, options in (
            (2, {"status": SUCCESS}),
            (2, {"statusCodeClass": 200}),
            (2, {"channel": "project-1"}),
            (2, {"eventTypes": [self.type]}),
            (2, {"before": _hours(1)}),
            (2, {"after": _hours(-1)}),
            (0, {"status": FAIL}),
            (0, {"statusCodeClass": 500}),
            (0, {"channel": "project-2"}),
            (0, {"before": _hours(-1)}),
        ):
            listed = svix("message_attempt.list_by_endpoint", *self.path, **options)
            assert len(listed["data"]) == number, options
        by_message = svix("message_attempt.list_by_msg", app, message_id, endpointId=self.endpoint)
        [attempt] = by_message["data"]
        shown = svix("message_attempt.get", app, message_id, attempt["id"])
        assert shown["responseStatusCode"] == 200
        attempted = svix("message_attempt.list_attempted_messages", *self.path)
        assert len(attempted["data"]) == 2
        if svix.has("message_attempt.list_attempts_for_endpoint"):
            path = (app, message_id, self.endpoint)
            listed = svix("message_attempt.list_attempts_for_endpoint", *path)
            assert [row["id"] for row in listed["data"]] == [attempt["id"]]
        destinations = svix("message_attempt.list_attempted_destinations", app, message_id)
        assert [row["status"] for row in destinations["data"]] == [SUCCESS]
        with suppress(Unsent):
            svix("message_attempt.resend", app, message_id, self.endpoint)

    def recovery(self) -> None:
        svix, path = self.svix, self.path
        for name in ("endpoint.recover", "endpoint.replay_missing"):
            task = svix(name, *path, {"since": _hours(-1)})
            assert svix("background_task.get", task["id"])["data"]["messagesSent"] == 0
        example_in = {"eventType": self.type, "exampleIndex": 1}
        sent = svix("endpoint.send_example", *path, example_in)
        assert sent["payload"] == {"n": 2}
        stats = svix("endpoint.get_stats", *path)
        assert stats["success"] + stats["pending"] + stats["sending"] >= 2
        if svix.has("endpoint.get_attempt_stats"):
            assert svix("endpoint.get_attempt_stats", *path)["success"] >= 2

    def statistics(self) -> None:
        svix, app = self.svix, self.app
        access = svix("authentication.app_portal_access", app, {"readOnly": True})
        assert "/portal/" in access["url"]
        svix("authentication.expire_all", app, {})
        application_id = svix("application.get", app)["id"]
        with suppress(Unsent):
            task = svix("statistics.aggregate_event_types")
            data = self.end(task["id"])["event_types"]
            assert [row["hasCatchAllEndpoint"] for row in data if row["appId"] == application_id]
        usage = {"since": _hours(-1), "until": _hours(1), "appIds": [app, "nobody"]}
        task = svix("statistics.aggregate_app_stats", usage)
        assert task["unresolvedAppIds"] == ["nobody"]
        [row] = self.end(task["id"])["appStats"]
        assert row["appUid"] == app
        assert row["messageDestinations"] >= 2
        listed = svix("background_task.list", task="application.stats")
        assert listed["data"][0]["id"] == task["id"]

    def endings(self) -> None:
        self.svix("endpoint.delete", *self.path)
        self.missing("endpoint.get", *self.path)

    def refusals(self) -> None:
        """All others."""
        for name, kinds in self.svix.driver.methods.items():
            if name in self.svix.results:
                continue
            args = ["x" if kind == "text" else example(kind) for kind in kinds]
            if kinds[:1] == ["text"]:
                args[0] = self.app
            try:
                self.svix(name, *args)
            except (Refused, Unsent):
                continue


def _types(endpoint: dict[str, Any]) -> Any:
    return endpoint.get("eventTypes") or endpoint.get("filterTypes")


def _hours(number: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=number)).isoformat().replace("+00:00", "Z")
