"""The Helm chart: linted, rendered, and checked against Kubernetes' own schemas."""

import ipaddress
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import kubernetes_schemas
from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.go import KUBERNETES, source, tool
from tests.deploy.tools.programs import DEPLOY, ROOT
from tests.documents import collected

pytestmark = pytest.mark.timeout(3000)
DOCUMENT = "docs/deploying.md"
CHART = str(DEPLOY / "helm/callboard")
SMALL = {"publicUrl": "https://hooks.example.com"}
FULL = SMALL | {
    "image": {"repository": "registry.example.com/callboard", "digest": f"sha256:{'0' * 64}"},
    "imagePullSecrets": [{"name": "registry"}],
    "settings": {"RETENTION_DAYS": "7"},
    "redisTls": {"secretName": "redis-tls", "caKey": "ca.crt", "certKey": "tls.crt",
                 "keyKey": "tls.key"},
    "worker": {"autoscaling": {"enabled": True}},
    "ingress": {"enabled": True, "host": "hooks.example.com", "tlsSecretName": "tls",
                "className": "nginx"},
    "networkPolicy": {"database": {"port": 5432, "peers": [{"podSelector": {}}]}},
    "podAnnotations": {"a": "b"},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "priorityClassName": "high",
}  # fmt: skip
VALUES = {"small": SMALL, "full": FULL}


def _helm(directory: Path, values: Any, *command: str) -> subprocess.CompletedProcess[str]:
    file = directory / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    arguments = [tool("helm"), *command, "--values", str(file)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def _render(directory: Path, values: Any) -> str:
    done = _helm(directory, values, "template", "live", CHART, "--kube-version", "1.34.0")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _documents(directory: Path, values: Any, kind: str) -> Iterator[dict[str, Any]]:
    for document in yaml.safe_load_all(_render(directory, values)):
        if document and document["kind"] == kind:
            yield document


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("schemas")
    kubernetes_schemas.write(source(KUBERNETES) / "api/openapi-spec/swagger.json", directory)
    not_run("Chart", "an installation in a cluster: none is at hand, and none can run here")
    return directory


@pytest.mark.parametrize("name", VALUES)
def test_helm_lint_passes(tmp_path: Path, name: str) -> None:
    done = _helm(tmp_path, VALUES[name], "lint", CHART, "--strict", "--kube-version", "1.34.0")
    assert done.returncode == 0, done.stdout


def test_helm_accepts_the_documented_installation(tmp_path: Path) -> None:
    """As it is written, but rendered instead of sent to a cluster."""
    [command] = [each for each in collected.commands(DOCUMENT) if each.startswith("helm ")]
    environ = {"PATH": str(Path(tool("helm")).parent), "HOME": str(tmp_path)}
    done = subprocess.run(
        ["/bin/bash", "-c", command.replace(" install ", " template --kube-version=1.34.0 ")],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert 'host: "hooks.example.com"' in done.stdout


@pytest.mark.parametrize("name", VALUES)
def test_every_field_is_valid_in_kubernetes(tmp_path: Path, schemas: Path, name: str) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(_render(tmp_path, VALUES[name]))
    location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    command = [tool("kubeconform"), "-strict", "-summary", "-schema-location", location, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Skipped: 0" in done.stdout
    figure("Chart", f"kubeconform, {name} values, Kubernetes {KUBERNETES.partition('@')[2]}",
           done.stdout.strip().rpartition(" - ")[2])  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {},
        SMALL | {"publicUrl": "hooks.example.com"},
        SMALL | {"settings": {"SECRET_KEY": "x" * 40}},
        SMALL | {"ingress": {"enabled": True}},
    ],
)
def test_invalid_values_are_rejected(tmp_path: Path, values: dict[str, Any]) -> None:
    assert _helm(tmp_path, values, "template", CHART, "--kube-version", "1.34.0").returncode != 0


def test_secrets_are_only_referenced_by_name(tmp_path: Path) -> None:
    for document in _documents(tmp_path, FULL, "Deployment"):
        env = document["spec"]["template"]["spec"]["containers"][0]["env"]
        by_name = {entry["name"] for entry in env if "valueFrom" in entry}
        assert by_name == {
            "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PLATFORM_API_KEY", "SMTP_URL",
            "DELIVERY_PROXY", "OIDC_CLIENT_SECRET",
        }  # fmt: skip
    assert list(_documents(tmp_path, FULL, "Secret")) == []


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_every_pod_is_locked_down(tmp_path: Path, kind: str) -> None:
    for document in _documents(tmp_path, FULL, kind):
        pod = document["spec"]["template"]["spec"]
        container = pod["containers"][0]["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert container["readOnlyRootFilesystem"] is True
        assert container["capabilities"] == {"drop": ["ALL"]}


def _may_reach(policy: dict[str, Any], address: str) -> bool:
    """Whether an egress rule without ports lets `address` through."""
    target = ipaddress.ip_address(address)
    blocks = [
        peer["ipBlock"]
        for rule in policy["spec"]["egress"]
        if "ports" not in rule
        for peer in rule["to"]
        if "ipBlock" in peer
    ]
    return any(
        target in ipaddress.ip_network(block["cidr"])
        and not any(target in ipaddress.ip_network(network) for network in block["except"])
        for block in blocks
    )


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07::1", True),
        ("10.96.0.1", False),  # the cluster's API, in many clusters
        ("172.17.0.2", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),  # a cloud's metadata
        ("127.0.0.1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_deliveries_cannot_reach_the_cluster(tmp_path: Path, address: str, reached: bool) -> None:
    policies = {p["metadata"]["name"]: p for p in _documents(tmp_path, SMALL, "NetworkPolicy")}
    assert set(policies) == {f"live-callboard-{part}" for part in ("web", "worker", "migrate")}
    for name, policy in policies.items():
        assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        assert _may_reach(policy, address) is (reached and not name.endswith("migrate"))
    assert policies["live-callboard-migrate"]["spec"]["ingress"] == []
    [metrics] = policies["live-callboard-worker"]["spec"]["ingress"]
    assert [port["port"] for port in metrics["ports"]] == [9100]


def _container(directory: Path, values: Any, name: str) -> dict[str, Any]:
    for document in _documents(directory, values, "Deployment"):
        pod = document["spec"]["template"]["spec"]
        if pod["containers"][0]["name"] == name:
            return pod["containers"][0] | {"volumes": pod["volumes"]}
    raise AssertionError(name)


def _values(container: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry.get("value") for entry in container["env"]}


def test_quotas_metrics_and_the_tls_of_redis_are_passed(tmp_path: Path) -> None:
    values = FULL | {"quotas": {"webhooks": 1_000_000}}
    worker = _container(tmp_path, values, "worker")
    assert (
        _values(worker).items()
        >= {
            "MAX_WEBHOOKS": "1000000",
            "MAX_DELIVERIES_PER_EVENT": "1000",
            "MAX_REQUESTS_PER_HOST": "100",
            "METRICS_PORT": "9100",
            "REDIS_CA_FILE": "/redis-tls/ca.crt",
            "REDIS_CERT_FILE": "/redis-tls/tls.crt",
            "REDIS_KEY_FILE": "/redis-tls/tls.key",
        }.items()
    )
    assert {"name": "redis-tls", "mountPath": "/redis-tls", "readOnly": True} in (
        worker["volumeMounts"]
    )
    assert "redis-tls" in {volume["name"] for volume in worker["volumes"]}


def test_without_metrics_of_workers_their_port_is_closed(tmp_path: Path) -> None:
    values = SMALL | {"worker": {"metricsPort": 0}}
    assert "ports" not in _container(tmp_path, values, "worker")
    policies = {p["metadata"]["name"]: p for p in _documents(tmp_path, values, "NetworkPolicy")}
    assert policies["live-callboard-worker"]["spec"]["ingress"] == []
