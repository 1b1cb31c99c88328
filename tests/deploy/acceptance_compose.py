"""compose.yaml, read by the real compose."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.tools.figures import not_run
from tests.deploy.tools.go import tool
from tests.deploy.tools.programs import DEPLOY

pytestmark = pytest.mark.timeout(3000)


def _config(directory: Path, *options: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    lines = (DEPLOY / "compose.env.example").read_text().splitlines()
    values = [line for line in lines if line.partition("=")[0] not in secrets]
    values += [f"{name}={value}" for name, value in secrets.items()]
    env = directory / ".env"
    env.write_text("\n".join(values))
    command = [
        tool("docker-compose"), "--env-file", str(env), "-f", str(DEPLOY / "compose.yaml"),
        *options, "config", "--format", "json",
    ]  # fmt: skip
    environ = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


SECRETS = {"SECRET_KEY": "s" * 40, "POSTGRES_PASSWORD": "p", "REDIS_PASSWORD": "r"}


def test_compose_accepts_the_file(tmp_path: Path) -> None:
    not_run("Compose", "`docker compose up`: no Docker engine, and no registry for the images of"
            " PostgreSQL, Redis, Caddy, Prometheus and Grafana")  # fmt: skip
    done = _config(tmp_path, "--profile", "monitoring", **SECRETS)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert set(document["services"]) == {
        "migrate", "web", "worker", "postgres", "redis", "proxy", "prometheus", "grafana",
    }  # fmt: skip
    assert document["services"]["worker"]["scale"] == 2
    assert document["services"]["web"]["environment"]["REDIS_URL"] == "redis://:r@redis:6379/0"
    assert "warning" not in done.stderr.lower()


def test_quotas_metrics_and_another_redis_are_passed(tmp_path: Path) -> None:
    chosen = {
        "REDIS_URL": "rediss://me:x@redis.example.com:6380/0",
        "REDIS_CA_FILE": "/certificates/ca.pem",
        "MAX_WEBHOOKS": "5",
    }
    services = json.loads(_config(tmp_path, **SECRETS, **chosen).stdout)["services"]
    assert services["web"]["environment"].items() >= chosen.items()
    assert services["web"]["environment"]["MAX_REQUESTS_PER_HOST"] == "100"
    assert services["worker"]["environment"]["METRICS_PORT"] == "9100"


@pytest.mark.parametrize("missing", SECRETS)
def test_compose_requires_each_secret(tmp_path: Path, missing: str) -> None:
    done = _config(tmp_path, **(SECRETS | {missing: ""}))
    assert done.returncode != 0
    assert missing in done.stderr
