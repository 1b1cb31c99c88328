"""`callboard import svix`, from documents in the shapes that Svix's API documents."""

import json

import pytest

from callboard.cli.main import run

APP = {"id": "app_1", "uid": "acme", "name": "Acme", "createdAt": "2026-01-01T00:00:00Z"}
ENDPOINT = {
    "id": "ep_1", "uid": "main", "url": "https://receiver.example.com/hook",
    "description": "Main receiver", "version": 3, "disabled": False,
    "filterTypes": ["user.created"], "channels": None, "rateLimit": 20,
    "metadata": {"team": "video"}, "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
}  # fmt: skip
EVENT_TYPE = {
    "name": "user.created", "description": "A user signed up", "archived": False,
    "deprecated": False, "featureFlag": None, "createdAt": "2026-01-01T00:00:00Z",
    "updatedAt": "2026-01-01T00:00:00Z",
    "schemas": {"1": {"type": "object"}, "2": {"type": "object", "required": ["id"]}},
}  # fmt: skip
UUID = "01a203ec-180a-7ae1-8aa3-da0e5c8aeeae"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Both:
    """Svix and Callboard on one server, by the key that is sent."""

    def __init__(self, server, response_type):
        self.response, self.webhooks, self.types, self.writes = response_type, {}, {}, []
        self.organizations, self.organization_of = {}, {}
        self.apps, self.endpoints, self.refused = [APP], [ENDPOINT], None
        self.headers = {"headers": {"X-Team": "video"}, "sensitive": ["Authorization"]}
        self.transformation = self.response(404, {"code": "not_found", "detail": ""})
        server.respond = self

    def __call__(self, request):
        if request.headers["Authorization"] == "Bearer svix.token":
            return self._svix(request, request.path.removeprefix("/api/v1/").split("/"))
        if request.headers["Authorization"] != "Bearer k":
            return self.response(401, {"code": "authentication_failed", "detail": ""})
        return self._callboard(request, request.path.removeprefix("/api/v1/").split("/"))

    def _page(self, request, entries):
        start = int(request.query.get("iterator", 0))
        done = start + 1 >= len(entries)
        page = {"data": entries[start : start + 1], "done": done, "iterator": str(start + 1)}
        return self.response(200, page)

    def _svix(self, request, parts):
        assert request.method == "GET"
        if parts == ["app"]:
            return self._page(request, self.apps)
        if parts == ["event-type"]:
            return self._page(request, [EVENT_TYPE])
        if len(parts) == 2:
            return self.response(200, self.apps[0])
        if parts[2:] == ["endpoint"]:
            return self._page(request, self.endpoints if parts[1] == "app_1" else [])
        if parts[4] == "transformation":
            return self.transformation
        return self.response(200, {"secret": {"key": SECRET}, "headers": self.headers}[parts[4]])

    def _callboard(self, request, parts):
        if request.method != "GET":
            self.writes.append((request.method, request.path))
            if self.refused:
                return self.refused
            fields = request.json()
            if parts == ["organizations"]:
                id_ = f"o-{len(self.organizations) + 1}"
                self.organizations[id_] = {"id": id_, **fields}
                return self.response(201, self.organizations[id_])
            if parts[0] == "event-types":
                self.types[parts[1]] = {"name": parts[1], "sample": None, **fields}
                return self.response(200, self.types[parts[1]])
            webhook_id = parts[1] if len(parts) > 1 else f"w-{len(self.webhooks) + 1}"
            new = {"id": webhook_id, "secret_headers": None, "event_types": None, "sources": None}
            self.organization_of[webhook_id] = request.headers["Callboard-Organization"]
            self.webhooks[webhook_id] = {**self.webhooks.get(webhook_id, new), **fields}
            return self.response(200, self.webhooks[webhook_id])
        if len(parts) == 1:
            named = {"webhooks": self.webhooks, "event-types": self.types}
            rows = (named | {"organizations": self.organizations})[parts[0]].values()
            return self.response(200, {"data": list(rows), "next_cursor": None})
        if parts[-1] == "secret":
            return self.response(200, {"secret": self.webhooks[parts[1]]["secret"]})
        return self.response(200, (self.webhooks | self.types)[parts[1]])


@pytest.fixture(autouse=True)
def settings(server, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLBOARD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")
    monkeypatch.setenv("SVIX_TOKEN", "svix.token")
    monkeypatch.setenv("SVIX_SERVER_URL", server.url)


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr("callboard.retries.RetryPolicy.delay", lambda *_: 0)


@pytest.fixture
def both(server, Response):
    return Both(server, Response)


def rows(capsys, *arguments, code=0):
    assert run(["import", "svix", "--json", *arguments]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_endpoints_and_event_types_are_taken_over(both, capsys):
    type_row, webhook_row = rows(capsys)
    assert (type_row["name"], type_row["change"]) == ("user.created", "created")
    assert (webhook_row["svix"], webhook_row["change"]) == ("ep_1", "created")
    assert webhook_row["not_carried"] == ["the value of the header Authorization"]
    [created] = both.webhooks.values()
    assert (created["preset"], created["secret"]) == ("svix", SECRET)
    assert (created["event_types"], created["rate_limit_per_second"]) == (["user.created"], 20)
    assert created["headers"] == {"X-Team": "video"}
    assert created["metadata"] == {"team": "video", "svix_endpoint_id": "ep_1"}
    assert both.types["user.created"]["schema"] == {"type": "object", "required": ["id"]}


def test_a_second_import_changes_nothing_and_a_third_what_differs(both, capsys):
    rows(capsys)
    both.writes.clear()
    assert {row["change"] for row in rows(capsys)} == {"unchanged"}
    assert both.writes == []
    both.endpoints = [ENDPOINT | {"disabled": True}]
    assert [row["change"] for row in rows(capsys)] == ["unchanged", "updated"]
    assert both.webhooks["w-1"]["is_active"] is False
    assert both.writes == [("PATCH", "/api/v1/webhooks/w-1")]


def test_secret_headers_that_were_entered_here_are_kept(both, capsys):
    both.headers["headers"]["X-Api-Key"] = "1"
    rows(capsys)
    both.webhooks["w-1"]["secret_headers"]["Authorization"] = "Bearer x"
    assert [row["change"] for row in rows(capsys)] == ["unchanged", "unchanged"]


def test_a_dry_run_writes_nothing(both, capsys):
    assert [row["change"] for row in rows(capsys, "--dry-run")] == ["created", "created"]
    assert both.writes == []


def test_all_pages_of_a_list_are_read(both, capsys):
    both.endpoints = [ENDPOINT | {"id": f"ep_{n}"} for n in range(3)]
    assert [row["svix"] for row in rows(capsys)][1:] == ["ep_0", "ep_1", "ep_2"]


def test_what_is_refused_is_told_and_the_rest_goes_on(both, capsys, problem):
    error = {"field": "url", "code": "address", "problem": "A private address.", "remedy": ""}
    both.refused = problem(422, "invalid", errors=[error])
    first, second = rows(capsys, code=1)
    assert (first["change"], second["change"]) == ("failed", "failed")
    assert second["not_carried"][0] == "url: A private address."


def test_all_applications_become_organizations_by_their_uids(both, capsys):
    both.apps = [APP, APP | {"id": "app_2", "uid": None, "name": "Other"}]
    kinds = [(row["kind"], row["change"]) for row in rows(capsys, "--all-apps", "--dry-run")]
    assert kinds.count(("organization", "created")) == 2
    assert both.writes == []
    rows(capsys, "--all-apps")
    assert {each["uid"] for each in both.organizations.values()} == {"acme", "app_2"}
    assert both.organization_of == {"w-1": "o-1"}
    assert {row["change"] for row in rows(capsys, "--all-apps")} == {"unchanged"}


@pytest.mark.parametrize(("prefix", "kept"), [("", ""), ("app_", "app-"), ("a_b_", "a_b-")])
def test_a_uid_that_could_be_one_of_our_ids_gets_a_prefix(both, capsys, prefix, kept):
    both.apps = [APP | {"uid": f"{prefix}{UUID}"}]
    [row, *_] = rows(capsys, "--all-apps")
    what = f"uid: {prefix}{UUID} could be one of our IDs, so it is svix-{kept}{UUID} here"
    assert row["not_carried"] == [what]
    assert both.organizations["o-1"]["uid"] == f"svix-{kept}{UUID}"


@pytest.mark.parametrize(("prefix", "code", "number"), [("staging_", 0, 2), ("svix-prod-", 1, 1)])
def test_two_customers_never_share_an_organization(both, capsys, prefix, code, number):
    both.apps = [APP | {"uid": f"prod_{UUID}"}, APP | {"id": "app_2", "uid": prefix + UUID}]
    reported = " ".join(rows(capsys, "--all-apps", code=code)[-1]["not_carried"])
    assert ("is already that of app_1" in reported) == bool(code)
    assert len({each["uid"] for each in both.organizations.values()}) == number


def test_an_application_that_is_refused_does_not_end_the_others(both, capsys, problem):
    both.apps = [APP, APP | {"id": "app_2", "uid": None, "name": "Other"}]
    both.refused = problem(409, "conflict", "The uid is taken.")
    assert [(row["change"], row["not_carried"]) for row in rows(capsys, "--all-apps", code=1)] == [
        ("failed", ["The uid is taken."])
    ] * 2


def test_an_error_in_the_middle_leaves_the_table_of_what_was_done(both, capsys):
    both.transformation = both.response(401, {"code": "authentication_failed", "detail": ""})
    assert run(["import", "svix"]) == 1
    printed = capsys.readouterr()
    assert "user.created" in printed.out
    assert printed.err.count("\n") == 1


def test_an_application_has_to_be_chosen_among_several(both, capsys):
    both.apps = [APP, APP | {"id": "app_2", "name": "Other"}]
    assert run(["import", "svix"]) == 2
    assert "app_1 (Acme), app_2 (Other)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "setting", "result"),
    [
        ([], ("SVIX_TOKEN", ""), (2, "Give the token")),
        ([], ("SVIX_TOKEN", "wrong"), (1, "Svix refused the token")),
        ([], ("SVIX_SERVER_URL", "http://127.0.0.1:1"), (3, "Cannot connect")),
        (["--app", "a", "--all-apps"], ("SVIX_TOKEN", "svix.token"), (2, "not both")),
    ],
)
@pytest.mark.usefixtures("both", "no_waiting")
def test_what_is_wrong_is_one_line(arguments, setting, result, monkeypatch, capsys):
    monkeypatch.setenv(*setting)
    code = run(["import", "svix", *arguments])
    error = capsys.readouterr().err
    assert (code, result[1] in error) == (result[0], True)
    assert error.count("\n") == 1


def test_a_server_that_is_not_svix_is_told(both, server, Response, capsys):
    server.respond = lambda _: Response(200, [])
    assert run(["import", "svix"]) == 1
    assert "did not respond as Svix does" in capsys.readouterr().err


def test_an_enabled_transformation_is_not_carried(both, capsys, Response):
    both.transformation = Response(200, {"enabled": True, "code": "..."})
    assert "its transformation" in rows(capsys)[1]["not_carried"]


def test_the_table_shows_what_was_not_carried(both, capsys):
    assert run(["import", "svix"]) == 0
    output = capsys.readouterr()
    assert "NOT CARRIED" in output.out
    assert "the value of the header Authorization" in output.out
    assert "2 created, 0 updated, 0 unchanged." in output.err
