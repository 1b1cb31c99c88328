"""A real Prometheus scrapes a running product: every panel of the board shows data."""

import contextlib
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.programs import DEPLOY, is_up, program
from tests.support import children
from tests.support.databases import SqliteTemplate
from tests.support.product import free_port
from tests.support.servers.installation import Installation
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)
MONITORING = DEPLOY / "monitoring"
PANELS = json.loads((MONITORING / "grafana-dashboard.json").read_text())["panels"]

EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]


@contextmanager
def _prometheus(directory: Path, targets: list[str]) -> Iterator[str]:
    """Its URL. The rules are those of deploy/, the scraped addresses the test's."""
    configuration = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
    configuration["global"]["scrape_interval"] = "1s"
    configuration["global"]["evaluation_interval"] = "1s"
    configuration["rule_files"] = [str(MONITORING / "alerts.yaml")]
    configuration["scrape_configs"] = [
        {"job_name": "callboard", "static_configs": [{"targets": targets}]}
    ]
    file = directory / "prometheus.yaml"
    file.write_text(yaml.safe_dump(configuration))
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]  # fmt: skip
    with (directory / "prometheus.log").open("ab") as log:
        process = children.start(command, stdout=log, stderr=log)
    try:
        eventually(lambda: is_up(f"{url}/-/ready"), 60)
        yield url
    finally:
        children.stop(process)


def _get(url: str, path: str, **query: str) -> Any:
    response = requests.get(f"{url}/api/v1/{path}", params=query, timeout=30)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def _has_data(url: str, expression: str) -> bool:
    """The interval is what Grafana takes at least: four scrapes, here of a busy machine."""
    query = expression.replace("$__rate_interval", "60s")
    values = [float(row["value"][1]) for row in _get(url, "query", query=query)["result"]]
    # A route without a request in the interval has none.
    return not all(math.isnan(value) for value in values)


def _missing(installation: Installation, receiver: Receiver, url: str) -> list[str]:
    """Expressions without data after three minutes of traffic."""
    headers = {"Authorization": f"Bearer {installation.key()}"}

    def post(path: str, document: object) -> None:
        address = f"{installation.url}/api/v1/{path}"
        response = requests.post(address, json=document, headers=headers, timeout=60)
        assert response.status_code < 300, response.text

    post("webhooks", {"url": receiver.url})
    post("webhooks", {"url": f"{receiver.url}/failing", "success_statuses": ["418"]})
    missing = list(EXPRESSIONS)

    def is_complete() -> bool:
        """Rates need two scrapes with a difference between them."""
        post("events", {"type": "encoding.finished", "payload": {"n": 1}})
        missing[:] = [expression for expression in missing if not _has_data(url, expression)]
        return not missing

    with contextlib.suppress(AssertionError):
        eventually(is_complete, 180, every=0.5)
    return missing


def test_every_panel_has_data_and_every_rule_is_evaluated(
    tmp_path: Path, sqlite_template: SqliteTemplate, redis_url: str, receiver: Receiver
) -> None:
    not_run("Board", "an import into Grafana: no package index has one that runs")
    port = free_port()
    installation = Installation(
        tmp_path, sqlite_template.copy(tmp_path), redis_url,
        ALLOWED_PRIVATE_NETWORKS="127.0.0.0/8", METRICS_PORT=str(port),
    )  # fmt: skip
    targets = [installation.url.removeprefix("http://"), f"127.0.0.1:{port}"]
    with installation.web(), installation.worker(), _prometheus(tmp_path, targets) as url:
        assert _missing(installation, receiver, url) == []
        eventually(lambda: {rule["health"] for rule in _rules(url)} == {"ok"}, 60)
        rules = _rules(url)
        up = _get(url, "query", query="up")["result"]
    assert [row["value"][1] for row in up] == ["1", "1"]
    assert len(rules) > 5
    figure(
        "Board",
        "expressions of panels that return data",
        f"{len(EXPRESSIONS)} of {len(EXPRESSIONS)}",
    )
    figure("Board", "alert rules that Prometheus evaluates", str(len(rules)))


def _rules(url: str) -> list[dict[str, Any]]:
    return [rule for group in _get(url, "rules")["groups"] for rule in group["rules"]]
