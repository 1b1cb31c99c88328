"""SQL is read in `queries/` and written in `services/`, `engine/` and `store/`, nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.habits import tree

READS = {"select", "exists", "union_all"}
WRITES = {"insert", "update", "delete", "insert_absent", "sql_delete"}
LOCK = "with_for_update"
ON_A_SESSION = {
    "add",
    "commit",
    "delete",
    "execute",
    "flush",
    "get",
    "get_one",
    "scalar",
    "scalars",
}

WITHOUT_SQL = ("web", "api", "compat", "http", "worker", "sending", "supervisor", "domain")
# Files outside the four layers that run SQL, and why.
EXCEPTIONS = {
    "app/web/deliveries/export.py": "ends the transaction between the pages of a streamed export",
    "app/supervisor/schema.py": "reads the migration's version before anything is installed",
    "app/cli/migrate.py": "locks the database while it migrates",
}
# Queries whose first argument is no organization, and why.
WITHOUT_ORGANIZATION = {
    "idempotency.count": "keys belong to API keys, and a platform key has no organization",
    "idempotency.older_than": "a periodic task for all",
    "accounts.emails.latest_about": "takes ids of one organization's invitations",
    "accounts.users.first_organization": "the first run, on a fresh installation",
    "accounts.users.has_anyone_signed_in": "the first run, on a fresh installation",
    "accounts.users.first_user": "the first run, on a fresh installation",
    "accounts.users.organizations": "lists all organizations, for platform keys",
    "accounts.users.any_api_key": "the signed portal link names the key",
    "accounts.users.credential": "tells which organization a key belongs to",
    "accounts.users.user": "a user belongs to several organizations",
    "accounts.users.user_by_email": "sign-in, before an organization is chosen",
    "accounts.users.invitations_for": "sign-in, with an address that OpenID Connect verified",
    "accounts.users.has_identity": "a person at an OpenID provider belongs to one user",
    "accounts.users.has_identities": "a person at an OpenID provider belongs to one user",
    "accounts.users.memberships_of": "the organizations of one user",
    "accounts.users.user_session": "sessions belong to one user, who is in several organizations",
    "accounts.users.user_sessions": "sessions belong to one user, who is in several organizations",
    "accounts.users.recovery_codes_left": "recovery codes belong to one user",
    "accounts.users.organization_ids_of": "the organizations of one user",
    "accounts.users.invitation_by_id": "the signed link is the permission",
    "listeners.by_id": "a worker's request, which has the listener's secret",
    "listeners.silent": "a periodic task for all",
    "deliveries.listing.rows_of": "takes deliveries that were read for one organization",
    "deliveries.missed.step": "filters by the organization of the webhook that it takes",
    "deliveries.missed.without_delivery": "filters by the organization of the webhook it takes",
    "events.publishing.used_keys": "one transaction publishes for several organizations",
    "events.publishing.deliveries": "takes event ids that `used_keys` returned",
    "health.is_reachable": "checks the connection, reads no rows",
    "health.worker_seen_at": "the installation's own health",
    "health.workers_since": "the installation's own health",
    "health.backlog": "the installation's own health",
    **dict.fromkeys(
        [f"maintenance.consistency.{name}" for name in ("rows", "number", "table_sizes")],
        "an operator's command checks all organizations",
    ),
    "maintenance.consistency.database_bytes": "the size of the whole database",
    "maintenance.operations.backlog_by_webhook": "of the installation, for platform owners",
    "maintenance.slow_statements.slowest": "the installation's",
    "maintenance.operations.workers": "workers belong to the installation",
    "maintenance.tasks.event_count": "an operator's command prunes all organizations",
    "maintenance.installation.schema_revision": "the installation's own tables",
    "maintenance.installation.row": "the installation's own key",
    "maintenance.installation.sealed_samples": "checks the installation's key",
    "maintenance.installation.sealed_rows": "a new key encrypts the secrets of all organizations",
    "jobs.has_expired_file": "periodic task for all organizations",
    "jobs.has_ended_before": "periodic task for all organizations",
    "maintenance.tasks.with_deliveries": "takes event ids of one organization's retention round",
    "maintenance.tasks.busy": "takes event ids of one organization's retention round",
    "maintenance.retention.longest_due": "periodic task for all organizations",
    "maintenance.retention.deliveries_of": "events of one organization, which the caller found",
    "maintenance.tasks.is_retention_due": "periodic task for all organizations",
    "maintenance.tasks.has_organization_without_mark": "periodic task for all organizations",
    "maintenance.tasks.which_exist": "periodic task for all organizations",
    "maintenance.tasks.next_run": "periodic task for all organizations",
    "maintenance.tasks.oldest_tallies": "periodic task for all organizations",
    "maintenance.tasks.has_counters": "periodic task for all organizations",
    "maintenance.tasks.hour_before_events": "periodic task for all organizations",
    "maintenance.value_index.oldest_blocks": "periodic task for all organizations",
    "maintenance.tasks.claimed": "periodic task for all organizations",
    "maintenance.tasks.wrong_in_flight_counts": "periodic task for all organizations",
    **dict.fromkeys(
        (
            "maintenance.sealing.mark",
            "maintenance.sealing.last_attempt_id",
            "maintenance.sealing.attempts",
            "maintenance.sealing.test_inbox_requests",
            "maintenance.sealing.audit_entries",
            "maintenance.sealing.webhooks_with_headers",
            "maintenance.sealing.webhooks",
            "workers.is_previous_release_running",
        ),
        "periodic task for all organizations",
    ),
    "maintenance.clock_steps.deliveries": "periodic task for all organizations",
    "maintenance.clock_steps.emails": "periodic task for all organizations",
    "maintenance.clock_steps.retention_marks": "periodic task for all organizations",
    "notifications.has_notices": "periodic task for all organizations",
    "notifications.webhooks_of": "takes notices, which the product itself wrote",
    "notifications.deliveries_of": "takes notices, which the product itself wrote",
    "accounts.users.organization_by_uid": "finds which organization a caller's own id names",
    "event_types.platform.get": "types of the installation, for every organization",
    "event_types.platform.listed": "types of the installation, for every organization",
    "event_types.platform.names": "types of the installation, for every organization",
    "event_types.platform.page": "types of the installation, for every organization",
    "accounts.platform.has_other_owner": "platform owners belong to the installation",
    "accounts.platform.owners": "platform owners belong to the installation",
    "accounts.platform.page": "lists all organizations, for platform owners",
    "accounts.platform.reach": "takes an organization's row, which a platform owner looks at",
    "webhooks.callback_targets": "each key names its organization",
    "test_inbox.by_token": "the token in the URL is the permission",
}


def _modules(folder: str) -> list[tuple[str, ast.Module]]:
    paths = [p for p in tree.tracked(".py") if tree.name(p).startswith(f"app/{folder}/")]
    return [(tree.name(path), ast.parse(path.read_text())) for path in paths]


def _called(node: ast.AST) -> set[str]:
    """Names of the functions and methods that are called."""
    functions = (child.func for child in ast.walk(node) if isinstance(child, ast.Call))
    names = (getattr(f, "id", None) or getattr(f, "attr", None) for f in functions)
    return {name for name in names if name}


def _from_sqlalchemy(module: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(module) if isinstance(node, ast.ImportFrom))
    return {
        alias.asname or alias.name
        for node in imports
        if (node.module or "").partition(".")[0] == "sqlalchemy"
        for alias in node.names
    }


def _session_calls(node: ast.AST) -> set[str]:
    """Methods called on `db.session`."""
    return {
        child.func.attr
        for child in ast.walk(node)
        if isinstance(child, ast.Call)
        and isinstance(child.func, ast.Attribute)
        and ast.unparse(child.func.value).startswith("db.session")
    }


def _functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("layer", WITHOUT_SQL)
def test_other_layers_run_no_sql(layer: str) -> None:
    statements = READS | WRITES | {"text"}
    wrong = {
        name
        for name, module in _modules(layer)
        if (_from_sqlalchemy(module) & statements) or (_session_calls(module) & ON_A_SESSION)
    }
    assert sorted(wrong - EXCEPTIONS.keys()) == []


def test_queries_only_read() -> None:
    wrong = {
        name: matches
        for name, module in _modules("queries")
        if (
            matches := (_called(module) & {LOCK})
            | (_from_sqlalchemy(module) & WRITES)
            | (_session_calls(module) & {"add", "commit", "delete", "flush"})
        )
    }
    assert wrong == {}


def test_services_read_only_to_write() -> None:
    """A function of a service that builds a SELECT locks the rows, or writes in the same function.
    Any other read is a function in `queries/`."""
    wrong = []
    for name, module in _modules("services"):
        builders = _from_sqlalchemy(module) & READS
        for function in _functions(module):
            called = _called(function)
            if called & builders and not called & (WRITES | {LOCK}):
                wrong.append(f"{name}: {function.name} reads without writing")
            if _session_calls(function) & (ON_A_SESSION - {"commit"}):
                wrong.append(f"{name}: {function.name} reads outside of queries/")
    assert wrong == []


def _reads(module: ast.Module) -> set[str]:
    """Functions of a module that read the database, directly or through private ones."""
    top = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    reading = {name for name, node in top.items() if "db.session" in ast.unparse(node)}
    reading |= {name for name, node in top.items() if "read_rows" in _called(node)}
    size = 0
    while size != len(reading):
        size = len(reading)
        reading |= {name for name, node in top.items() if _called(node) & reading}
    return reading


def test_tenant_queries_take_the_organization_first() -> None:
    exempt, wrong = set(), []
    for name, module in _modules("queries"):
        if name.startswith("app/queries/common/"):
            continue
        noun = ".".join(Path(name).with_suffix("").parts[2:])
        for function in module.body:
            if not isinstance(function, ast.FunctionDef) or function.name not in _reads(module):
                continue
            first = function.args.args[0].arg if function.args.args else None
            if function.name.startswith("_") or first in ("organization_id", "organization_ids"):
                continue
            exempt.add(f"{noun}.{function.name}")
            if f"{noun}.{function.name}" not in WITHOUT_ORGANIZATION:
                wrong.append(f"{noun}.{function.name}")
    assert wrong == []
    assert sorted(WITHOUT_ORGANIZATION.keys() - exempt) == []
