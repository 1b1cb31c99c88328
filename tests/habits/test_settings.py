"""The table in the README lists exactly the settings that the product reads."""

import re

from tests.habits import tree

ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)`", re.MULTILINE)
READ = re.compile(r"""(?:read\.\w+|environ\.get)\(\s*"([A-Z][A-Z0-9_]+)\"""")

# Both of metrics/ read a variable of the Prometheus client, which the supervisor sets.
EXCEPTIONS = (
    *(
        "app/runtime/configuration/settings.py",
        "app/supervisor/",
        "app/runtime/metrics/collecting.py",
        "app/runtime/metrics/worker_rates.py",
    ),
    # Says where they come from.
    "app/runtime/configuration/origins.py",
    # Writes samples of code that read an API key so.
    "app/web/reference/samples.py",
    # Before the settings are read, and also for the message that they are wrong.
    "app/runtime/logs/",
)


def _settings_read() -> set[str]:
    return set(READ.findall((tree.ROOT / "app/runtime/configuration/settings.py").read_text()))


def test_the_pattern_finds_settings() -> None:
    assert {"DATABASE_URL", "PORT", "SECRET_KEY", "DNS_SERVERS"} <= _settings_read()


def test_the_table_names_every_setting_and_no_other() -> None:
    named = set(ROW.findall((tree.ROOT / "README.md").read_text()))
    assert named == _settings_read()


def test_settings_are_read_in_one_module_only() -> None:
    """Elsewhere a setting would be read without validation and be missing from the table."""
    elsewhere = [
        tree.name(path)
        for path in tree.tracked(".py")
        if tree.name(path).startswith("app/")
        and not tree.name(path).startswith(EXCEPTIONS)
        and re.search(r"os\.(environ|getenv)", path.read_text())
    ]
    assert elsewhere == []
