"""Every setting is in the README's table, and the table holds no other."""

import re

from tests.habits import tree

ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)`", re.MULTILINE)
READ = re.compile(r"""(?:read\.\w+|environ\.get)\(\s*"([A-Z][A-Z0-9_]+)\"""")

# metrics.py asks for a variable of the Prometheus client's own, which the supervisor sets.
APART = ("app/runtime/settings.py", "app/supervisor/", "app/api/metrics.py")


def _read_by_config() -> set[str]:
    return set(READ.findall((tree.ROOT / "app" / "runtime" / "settings.py").read_text()))


def test_config_reads_settings() -> None:
    assert {"DATABASE_URL", "PORT", "SECRET_KEY", "DNS_SERVERS"} <= _read_by_config()


def test_the_table_names_every_setting_and_no_other() -> None:
    named = set(ROW.findall((tree.ROOT / "README.md").read_text()))
    assert named == _read_by_config()


def test_settings_are_read_in_one_place_only() -> None:
    """Elsewhere a setting could be read past its check, and would be in no table."""
    elsewhere = [
        tree.name(path)
        for path in tree.tracked(".py")
        if tree.name(path).startswith("app/")
        and not tree.name(path).startswith(APART)
        and re.search(r"os\.(environ|getenv)", path.read_text())
    ]
    assert elsewhere == []
