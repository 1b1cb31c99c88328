"""Every route, as every kind of caller: strangers, roles, keys, visitors, and other tenants."""

from collections.abc import Iterator

import pytest

from tests.security.declared import APIS, PAGES, requests_of
from tests.security.forgery import forge_forms
from tests.security.installation import scene_on
from tests.security.two_organizations import Scene
from tests.security.walk import api_routes, rules, walk
from tests.support.databases import SqliteTemplate


@pytest.fixture(scope="module")
def scene(
    sqlite_template: SqliteTemplate,
    redis_server_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    directory = tmp_path_factory.mktemp("scene")
    with scene_on(sqlite_template.copy(directory), redis_server_url, directory) as scene:
        yield scene


def test_every_route_is_declared_and_every_declared_route_exists(scene: Scene) -> None:
    declared = set(requests_of(PAGES) | requests_of(APIS))
    served = set(rules(scene.app))
    assert sorted(served - declared) == []
    assert sorted(declared - served) == []
    # The rules of APIs take every method: compare with what they declare themselves.
    own = {("GET", "/metrics"), ("GET", "/api/v1/openapi.json")}
    assert api_routes() | own == set(requests_of(APIS))


@pytest.mark.timeout(600)
def test_pages_let_in_whom_they_should_and_nobody_else(scene: Scene) -> None:
    outcome = walk(scene, PAGES, scene.page_callers)
    assert outcome.errors == [], "\n".join(outcome.errors)
    assert outcome.refused["stranger"] > 100


@pytest.mark.timeout(600)
def test_apis_let_in_whom_they_should_and_nobody_else(scene: Scene) -> None:
    outcome = walk(scene, APIS, scene.key_callers)
    assert outcome.errors == [], "\n".join(outcome.errors)
    assert outcome.refused["other key"] > 20


@pytest.mark.timeout(300)
def test_no_other_site_can_send_a_form(scene: Scene) -> None:
    rows = forge_forms(scene)
    passed = [f"{row.what}: {text}" for row in rows for text in row.passed]
    assert passed == [], "\n".join(passed)
    assert min(row.tried for row in rows) > 50
