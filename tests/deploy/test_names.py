"""What deploy/ calls by name is called so by the product: settings, metrics, versions, paths."""

import re
import tomllib
from pathlib import Path

import pytest
import requests
import yaml

from tests.deploy.tools.programs import DEPLOY, ROOT

CHART = DEPLOY / "helm/callboard"
TABLE = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def _texts() -> dict[Path, str]:
    return {
        path: path.read_text() for path in DEPLOY.rglob("*") if path.suffix in (".yaml", ".tpl")
    }


def test_every_named_metric_exists(web: str) -> None:
    # For alerts and board, which also name the metrics of workers, see test_monitoring.
    texts = [text for path, text in _texts().items() if path.parent.name != "monitoring"]
    names = {name for text in texts for name in re.findall(r"\bcallboard_\w+", text)}
    exposed = requests.get(f"{web}/metrics", timeout=45).text
    assert names
    assert [name for name in names if f"\n{name}" not in exposed] == []


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_probes_use_existing_paths(web: str, path: str) -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["web"]["readinessPath"] == "/readyz"
    assert requests.get(web + path, timeout=45).headers["Content-Type"] == "application/json"


def test_the_chart_uses_only_settings_of_the_readme_table() -> None:
    templates = [CHART / "templates" / name for name in ("_helpers.tpl", "worker.yaml")]
    text = "".join(template.read_text() for template in templates)
    listed = [name for names in re.findall(r"range list (.*) }}", text) for name in names.split()]
    names = {name.strip('"') for name in listed} | set(re.findall(r"name: ([A-Z_]+),", text))
    assert {"SECRET_KEY", "PUBLIC_URL", "MAX_WEBHOOKS", "REDIS_CA_FILE"} <= names
    assert names <= TABLE


def test_the_units_example_uses_only_settings_of_the_readme_table() -> None:
    text = (DEPLOY / "systemd/callboard.env.example").read_text()
    names = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert "DATABASE_URL" in names
    assert names <= TABLE


def test_all_files_name_the_same_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    compose = (DEPLOY / "compose.yaml").read_text()
    image = (DEPLOY / "Dockerfile").read_text()
    assert (chart["version"], chart["appVersion"]) == (VERSION, VERSION)
    assert f"callboard:{VERSION}" in compose
    assert f"ARG VERSION={VERSION}\n" in image
