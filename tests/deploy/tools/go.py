"""Tools that are built from their Go modules, once, into the user's cache."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.deploy.tools.figures import not_run

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callboard-acceptance"
PACKAGES = {
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
    "builder": "go.opentelemetry.io/collector/cmd/builder@v0.160.0",
    "caddy": "github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9",
}
# A module that `go install` refuses, since it is only built as the main one.
COMPOSE = "github.com/docker/compose/v2@v2.40.3"
KUBERNETES = "k8s.io/kubernetes@v1.34.0"
# The collector's parts, of the release of its builder. There is no module of a whole one.
COLLECTOR = "v0.160.0"
COLLECTOR_PARTS = f"""
dist: {{ name: otelcol, version: {COLLECTOR[1:]}, output_path: ./out }}
receivers: [{{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver {COLLECTOR} }}]
processors: [{{ gomod: go.opentelemetry.io/collector/processor/batchprocessor {COLLECTOR} }}]
exporters:
  - gomod: go.opentelemetry.io/collector/exporter/debugexporter {COLLECTOR}
  - gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter {COLLECTOR}
providers:
  - gomod: go.opentelemetry.io/collector/confmap/provider/envprovider v1.66.0
  - gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider v1.66.0
  - gomod: go.opentelemetry.io/collector/confmap/provider/yamlprovider v1.66.0
"""


def tool(name: str) -> str:
    """The path of a program. Skips the test, and says so in the figures, without Go."""
    target = CACHE / "bin" / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        if name == "docker-compose":
            _build_compose(target)
        elif name == "otelcol":
            _build_collector(target)
        else:
            _go("install", PACKAGES[name], GOBIN=str(target.parent))
    return str(target)


def source(module: str) -> Path:
    """The directory of a module's files, as the module proxy has them."""
    listed = _go("mod", "download", "-json", module, GOFLAGS="-mod=mod")
    return Path(next(line.split('"')[3] for line in listed.splitlines() if '"Dir"' in line))


def _build_compose(target: Path) -> None:
    copy = CACHE / "compose"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source(COMPOSE), copy)
    subprocess.run(["chmod", "-R", "u+w", str(copy)], check=True)
    _go("build", "-o", str(target), "./cmd", cwd=copy)
    shutil.rmtree(copy)


def _build_collector(target: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        manifest = Path(directory) / "manifest.yaml"
        manifest.write_text(COLLECTOR_PARTS)
        command = [tool("builder"), f"--config={manifest}"]
        environ = os.environ | {"CGO_ENABLED": "0"}
        subprocess.run(command, cwd=directory, env=environ, check=True, timeout=1500)
        shutil.move(Path(directory) / "out/otelcol", target)


def _go(*arguments: str, cwd: Path = Path("/"), **environ: str) -> str:
    go = shutil.which("go")
    if go is None:
        not_run("Go tools", f"`go {' '.join(arguments)}`: Go is not installed")
        pytest.skip("Go is not installed")
    done = subprocess.run(
        [go, *arguments], cwd=cwd, env=os.environ | environ, capture_output=True, text=True,
        timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
