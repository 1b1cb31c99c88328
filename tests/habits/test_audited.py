"""Whatever changes something for a person writes an entry in the audit log."""

import ast
from collections.abc import Iterator

from tests.habits import tree

SINK = "app.services.audit.log.record"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}

# Functions of services that write without an entry, and why.
SERVICES = {
    "sign_in.sessions.": "a session's use and end; signing in, out and revoking are recorded",
    "accounts.organizations.callback_secret": "created when it is first needed",
    "sign_in.two_factor.begin": "a secret that is not confirmed yet; confirming it is recorded",
    "deliveries.bulk._in_one": "one batch of a bulk action, which its caller records",
    "deliveries.missed.": "one batch; the whole is recorded",
    "events.": "events and their deliveries are a log of their own, with the key that posted them",
    "jobs.exporting.": "parts of a job's file; its start and its end are recorded",
    "jobs.importing.": "parts of an uploaded file, before the start of its job is recorded",
    "jobs.service._delete_unused_files": "files that newer ones replace",
    "jobs.running.": "steps of a job; its start, its stop and its end are recorded",
    "idempotency.requests.": "responses that are kept for repeats of a request",
    "issues.outlasted.": "a periodic task acts for nobody",
    "maintenance.": "periodic tasks act for nobody",
    "notifications.digests.": "system events, which are deliveries",
    "notifications.email_queue.": "emails in the queue",
    "notifications.notices.": "system events, which are deliveries",
    "test_inbox.receiving.": "what others send to a test inbox",
    "webhooks.overruns.": "counted by the product; disabling a webhook is a system event",
}
# Handlers of requests that change nothing that lasts, and why.
HANDLERS = {
    "app.api.events.": "events are a log of their own",
    "app.api.listeners.routes.respond": "recorded as the attempt of its delivery",
    "app.api.listeners.relay.relay": "a delivery on its way",
    "app.compat.asset.login.": "only returns the key whose two parts the request has",
    "app.compat.svix.messages.create": "events are a log of their own",
    "app.compat.svix.messages.precheck": "changes nothing",
    "app.compat.svix.unsupported.": "answers 501",
    "app.web.events.pages.": "events are a log of their own",
    "app.web.accounts.sign_in.switch": "which organization this browser shows",
    "app.web.accounts.two_factor.begin": "a secret that is not confirmed yet",
    "app.web.common.shell.theme": "a cookie of this browser",
    "app.web.deliveries.listing.choose_columns": "cookies of this browser",
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in tree.tracked(".py"):
        name = tree.name(path)
        if name.startswith("app/"):
            dotted = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            yield dotted, ast.parse(path.read_text())


def _imports(module: ast.Module) -> dict[str, str]:
    """{name in the module: what it stands for}, also of imports inside functions."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


class Calls:
    """Which function uses which, by dotted name; a method is named like a function."""

    def __init__(self) -> None:
        self.modules = dict(_modules())
        self.uses: dict[str, set[str]] = {}
        self.functions: dict[str, ast.FunctionDef] = {}
        for name, module in self.modules.items():
            imports = _imports(module)
            for node in module.body:
                # Constants that hold functions.
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    label = f"{name}.{node.targets[0].id}"
                    self.uses[label] = set(self._used(name, imports, node.value))
            for node in ast.walk(module):
                if isinstance(node, ast.FunctionDef):
                    self.functions[f"{name}.{node.name}"] = node
                    self.uses.setdefault(f"{name}.{node.name}", set()).update(
                        self._used(name, imports, node)
                    )

    def _used(self, module: str, imports: dict[str, str], node: ast.AST) -> Iterator[str]:
        for child in ast.walk(node):
            if isinstance(child, ast.Name):
                yield imports.get(child.id, f"{module}.{child.id}")
            elif isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name):
                owner = child.value.id
                yield f"{imports.get(owner, module)}.{child.attr}"

    def reaches(self, function: str, goal: str) -> bool:
        waiting, seen = [function], {function}
        while waiting:
            for used in self.uses.get(waiting.pop(), ()):
                if used == goal:
                    return True
                if used not in seen:
                    seen.add(used)
                    waiting.append(used)
        return False


CALLS = Calls()


def _explained(name: str, reasons: dict[str, str]) -> bool:
    return any(name == key or (key.endswith(".") and name.startswith(key)) for key in reasons)


def _opens_transaction(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(child, ast.Call)
        and isinstance(child.func, ast.Name)
        and child.func.id == "write_transaction"
        for child in ast.walk(node)
    )


def test_every_service_that_writes_is_audited() -> None:
    silent = [
        name.removeprefix("app.services.")
        for name, node in CALLS.functions.items()
        if name.startswith("app.services.")
        and _opens_transaction(node)
        and not CALLS.reaches(name, SINK)
    ]
    assert [name for name in silent if not _explained(name, SERVICES)] == []


def _literals(node: ast.AST) -> set[str]:
    return {c.value for c in ast.walk(node) if isinstance(c, ast.Constant)}


def _page_handlers() -> Iterator[str]:
    for name, node in CALLS.functions.items():
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                is_post = decorator.func.attr == "post"
                if is_post or (decorator.func.attr == "route" and CHANGING & _literals(decorator)):
                    yield name


def _api_handlers() -> Iterator[str]:
    for name, module in CALLS.modules.items():
        imports = _imports(module)
        for node in ast.walk(module):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("ApiRoute", "Route") and len(node.args) >= 3:
                method, _, handler = node.args[:3]
                if isinstance(method, ast.Constant) and method.value not in CHANGING:
                    continue
                label = ast.unparse(handler).removeprefix("self.")
                owner, dot, rest = label.partition(".")
                yield imports.get(owner, f"{name}.{owner}") + dot + rest


def test_every_changing_request_is_audited() -> None:
    handlers = {*_page_handlers(), *_api_handlers()}
    assert len(handlers) > 60
    silent = [name for name in sorted(handlers) if not CALLS.reaches(name, SINK)]
    assert [name for name in silent if not _explained(name, HANDLERS)] == []


def test_no_reason_is_left_over() -> None:
    names = {name.removeprefix("app.services.") for name in CALLS.functions}
    left = [key for key in SERVICES if not any(_explained(name, {key: ""}) for name in names)]
    left += [key for key in HANDLERS if not any(_explained(n, {key: ""}) for n in CALLS.functions)]
    assert left == []
