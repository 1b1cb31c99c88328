"""deploy/compose.yaml: what it promises. script/acceptance has `docker compose config` read it."""

import re
from functools import cache
from typing import Any

import yaml

from app.runtime.configuration.settings import load_settings
from tests.deploy.tools.programs import DEPLOY, ROOT

OURS = ("migrate", "web", "worker")
# Read by compose itself, not by Callboard.
COMPOSE_ONLY = {"CALLBOARD_HOST", "CALLBOARD_IMAGE", "POSTGRES_PASSWORD", "REDIS_PASSWORD",
                "GRAFANA_PASSWORD"}  # fmt: skip
CHOSEN = (
    "REDIS_URL", "REDIS_CA_FILE", "REDIS_CERT_FILE", "REDIS_KEY_FILE", "MAX_WEBHOOKS",
    "MAX_DELIVERIES_PER_EVENT", "MAX_REQUESTS_PER_HOST", "METRICS_PORT",
)  # fmt: skip


@cache
def _compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return document


def test_our_containers_have_no_capabilities_and_a_read_only_root() -> None:
    for name in OURS:
        service = _compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_database_and_redis_are_not_published() -> None:
    services, networks = _compose()["services"], _compose()["networks"]
    for name in ("postgres", "redis"):
        assert "ports" not in services[name]
        assert all(networks[network]["internal"] for network in services[name]["networks"])
    assert "front" not in services["worker"]["networks"]


def test_web_and_workers_start_after_the_migration() -> None:
    for name in ("web", "worker"):
        depends = _compose()["services"][name]["depends_on"]
        assert depends["migrate"]["condition"] == "service_completed_successfully"


def test_no_secret_has_a_value() -> None:
    """Each comes from the .env file, whose example leaves it empty."""
    text = (DEPLOY / "compose.yaml").read_text()
    example = (DEPLOY / "compose.env.example").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert f"${{{name}:?" in text
        assert re.search(rf"^{name}=$", example, re.MULTILINE)


def test_every_setting_is_in_the_readme_table() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    service = _compose()["services"]["web"]
    assert set(service["environment"]) <= table
    example = re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose.env.example").read_text(), re.MULTILINE)
    assert set(example) <= table | COMPOSE_ONLY


def test_an_installation_can_choose_quotas_another_redis_and_the_port_of_metrics() -> None:
    """The defaults are those of the product, which are set where the .env file names none."""
    services = _compose()["services"]
    environ = services["worker"]["environment"]
    for name in CHOSEN:
        assert environ[name].startswith(f"${{{name}:-"), name
    defaults = {
        name: environ[name].removeprefix(f"${{{name}:-").removesuffix("}")
        for name in CHOSEN
        if name not in {"REDIS_URL", "METRICS_PORT"}
    }
    plain = {"SECRET_KEY": "only-for-this-test-0123456789-abcdefgh"}
    assert load_settings(plain | defaults).quotas == load_settings(plain).quotas
    assert "./certificates:/certificates:ro" in services["web"]["volumes"]


def test_monitoring_is_an_optional_profile() -> None:
    profiles = {name: s.get("profiles") for name, s in _compose()["services"].items()}
    with_profile = {name for name, value in profiles.items() if value == ["monitoring"]}
    assert with_profile == {"prometheus", "grafana"}
