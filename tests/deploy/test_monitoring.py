"""Alert rules and board: valid for Prometheus, and about metrics that exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.deploy.tools.programs import DEPLOY, ROOT

MONITORING = DEPLOY / "monitoring"
BOARD = MONITORING / "grafana-dashboard.json"
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


@pytest.fixture
def promtool() -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("There is no promtool on this machine.")
    return program


def _run(*command: str, **more: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def _used_names() -> set[str]:
    board = json.loads(BOARD.read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for rule in _rules()]
    return {
        SUFFIXES.sub("", name)
        for expression in expressions
        for name in re.findall(r"callboard_\w+", expression)
    }


def test_alert_rules_are_valid(promtool: str) -> None:
    _run(promtool, "check", "rules", str(MONITORING / "alerts.yaml"))


def test_alerts_fire_when_they_should_and_not_before(promtool: str) -> None:
    _run(promtool, "test", "rules", "alerts.test.yaml", cwd=MONITORING)


def test_metrics_are_named_as_prometheus_recommends(promtool: str, web: str) -> None:
    text = requests.get(f"{web}/metrics", timeout=45).text
    _run(promtool, "check", "metrics", input=text)


def test_board_and_alerts_use_existing_metrics() -> None:
    documented = set(re.findall(r"callboard_\w+", (ROOT / "docs/operating.md").read_text()))
    assert _used_names() - documented == set()


def test_documented_metrics_exist(web: str) -> None:
    from app.runtime.metrics import deliveries as delivery_metrics  # noqa: F401 -- registers a worker's metrics
    from app.runtime.metrics.requests import REGISTRY

    exposed = requests.get(f"{web}/metrics", timeout=45).text
    exposed += "".join(f"# TYPE {name} " for name in REGISTRY._names_to_collectors)
    documented = set(re.findall(r"`(callboard_\w+)`", (ROOT / "docs/operating.md").read_text()))
    # Without a worker nobody has been seen.
    documented -= {"callboard_worker_seen_seconds"}
    assert {name for name in documented if f"# TYPE {name} " not in exposed} == set()


def test_each_alert_has_a_runbook() -> None:
    titles = re.findall(r"^## (\w+)$", (ROOT / "docs/runbooks.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in _rules()] == titles
    for rule in _rules():
        path, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (path, anchor) == ("docs/runbooks.md", rule["alert"].lower())


def test_the_files_of_the_compose_stack_exist() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for service in ("prometheus", "grafana"):
        for volume in compose["services"][service]["volumes"]:
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert Path(DEPLOY / source).exists(), source
