"""Write the reference pages of the documentation from the code: docs/reference."""

import json
import re
import sys
from pathlib import Path

import click
from prometheus_client.core import Metric

from app.api import ROUTES
from app.api.server.metrics import described
from app.cli.admin import admin
from app.domain.deliveries.causes import CAUSES, OK
from app.domain.deliveries.meanings import MEANINGS
from app.domain.webhooks.settings.catalogue import SECTIONS
from app.domain.webhooks.settings.setting import PRESET, REQUIRED, Setting
from app.runtime.metrics import deliveries as delivery_metrics
from app.runtime.metrics.requests import REGISTRY
from script.svix_packages import results as svix_results

ROOT = Path(__file__).resolve().parents[1]
DIRECTORY = ROOT / "docs" / "reference"
COMMANDS = (
    "`callboard-admin COMMAND` after `pip install .`, else"
    " `.venv/bin/python -m app.cli COMMAND` ([Operations](../operating.md#commands))."
)
NOTE = "<!-- Written by script/reference.py. -->\n"


def pages() -> dict[str, str]:
    """Text by file name."""
    return {
        "failure-reasons.md": failure_reasons(),
        "settings.md": settings(),
        "webhook-settings.md": webhook_settings(),
        "metrics.md": metrics(),
        "commands.md": commands(),
        "api.md": api(),
        "svix-methods.md": svix_results.page(NOTE),
    }


def failure_reasons() -> str:
    parts = [
        "# Failure reasons",
        NOTE,
        "Why an attempt failed, as in the dashboard and as `cause` in the API and in metrics.",
    ]
    for code, cause in CAUSES.items():
        if code != OK:
            ours = " The fault is not the receiver's." if cause.ours else ""
            parts += [
                f"## {cause.title}",
                f"`{code}`",
                f"**What it means:** {MEANINGS[code]}",
                f"**What to do:** {cause.what_to_do}{ours}",
            ]
    return "\n\n".join(parts) + "\n"


def settings() -> str:
    """The README's table, which a test compares with the code."""
    readme = (ROOT / "README.md").read_text()
    section = readme[readme.index("## Settings") :].removeprefix("## Settings")
    return f"# Settings\n\n{NOTE}{section.rstrip()}\n"


def webhook_settings() -> str:
    """Of the declared settings; the dashboard's form links to them by name."""
    parts = [
        "# Webhook settings",
        NOTE,
        "Every setting of a webhook by its name in the API, as the form and the API take it.",
    ]
    for section in SECTIONS:
        for setting in section.settings:
            parts += [f"## {setting.name}", _setting_text(setting)]
    return "\n\n".join(parts) + "\n"


def _setting_text(setting: Setting) -> str:
    sentences = [f"*{setting.label}* on the form.", setting.help]
    if setting.default is REQUIRED:
        sentences.append("Required.")
    elif setting.default is PRESET:
        sentences.append("By default as the preset says.")
    elif setting.when_empty:
        sentences.append(f"Without it: {setting.when_empty}.")
    elif setting.default is not None:
        sentences.append(f"Default: `{json.dumps(setting.default)}`.")
    if setting.secrecy == "owner":
        sentences.append("Stored encrypted, and never shown in lists.")
    elif setting.secrecy == "write_only":
        sentences.append("Stored encrypted, and never shown again.")
    if setting.only_for is not None:
        name, value = setting.only_for
        sentences.append(f"Only where `{name}` is `{value}`.")
    text = " ".join(sentence for sentence in sentences if sentence)
    return f"{text}\n\n```json\n{json.dumps({setting.name: setting.example})}\n```"


def metrics() -> str:
    assert delivery_metrics, "its metrics are registered"
    rows = ["| metric | type | labels | what it says |", "|---|---|---|---|"]
    for metric in sorted(_metrics(), key=lambda metric: metric.name):
        name = metric.name + {"counter": "_total", "info": "_info"}.get(metric.type, "")
        labels = ", ".join(f"`{label}`" for label in _labels(metric.name))
        rows.append(f"| `{name}` | {metric.type} | {labels} | {metric.documentation} |")
    intro = (
        "Served on `/metrics`. No label names a tenant. [Operations](../operating.md#health) says"
    )
    return f"# Metrics\n\n{NOTE}\n{intro} when to alert.\n\n" + "\n".join(rows) + "\n"


def _metrics() -> list[Metric]:
    return [*REGISTRY.collect(), *described()]


def _labels(name: str) -> tuple[str, ...]:
    collector = REGISTRY._names_to_collectors.get(name)  # noqa: SLF001 -- it has no other way
    return tuple(getattr(collector, "_labelnames", ()))


def commands() -> str:
    parts = [
        "# Commands",
        NOTE,
        COMMANDS,
        *_described(admin, "callboard-admin"),
    ]
    return "\n\n".join(parts) + "\n"


def _described(group: click.Group, path: str) -> list[str]:
    parts = []
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            parts += _described(command, f"{path} {name}")
            continue
        context = click.Context(command, info_name=f"{path} {name}", max_content_width=88)
        text = re.sub(r"[ \t]+$", "", command.get_help(context), flags=re.MULTILINE)
        parts.append(f"## {path.partition(' ')[2]} {name}".replace("##  ", "## "))
        parts.append(f"```text\n{text}\n```")
    return parts


def api() -> str:
    rows = ["| request | operation | what it does | permission |", "|---|---|---|---|"]
    for route in ROUTES:
        permission = "" if route.permission is None else f"`{route.permission}`"
        request = f"`{route.method} {route.path}`"
        rows.append(f"| {request} | `{route.operation}` | {route.summary} | {permission} |")
    intro = (
        "The description for programs (OpenAPI 3.1) is served at `/api/v1/openapi.json`;"
        " [the API in ten calls](../api.md) shows real responses. Generated clients name their"
        " functions after the operations."
    )
    return f"# API\n\n{NOTE}\n{intro}\n\n" + "\n".join(rows) + "\n"


def main() -> None:
    DIRECTORY.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DIRECTORY / name).write_text(text)
    sys.stdout.write(f"Wrote {DIRECTORY.relative_to(ROOT)}.\n")


if __name__ == "__main__":
    main()
