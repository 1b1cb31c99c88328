"""Checking the schema without loading Alembic."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.cli.__main__ import main
from app.cli.migrate import MIGRATIONS, alembic_config, migrate
from app.runtime.configuration.settings import Settings
from app.supervisor.environment import prepare
from app.supervisor.schema import has_our_key, heads, is_current


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return prepare({"DATA_DIR": str(tmp_path / "a b%41")})[1]


def test_heads_agree_with_alembic() -> None:
    assert heads(MIGRATIONS) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def test_a_missing_database_is_not_current(settings: Settings) -> None:
    assert not is_current(settings, MIGRATIONS)
    assert not list(settings.data_dir.glob("*.db*"))


def test_a_migrated_database_is_current(settings: Settings) -> None:
    migrate(settings)
    assert is_current(settings, MIGRATIONS)


def test_a_database_with_a_pending_migration_is_not_current(
    settings: Settings, tmp_path: Path
) -> None:
    migrate(settings)
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "9999_new.py").write_text('revision = "9999"\ndown_revision = "0001"\n')
    assert not is_current(settings, tmp_path)


def test_postgresql_is_always_migrated(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://localhost/x"}
    assert not is_current(prepare(environ)[1], MIGRATIONS)


def test_a_database_knows_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ, settings = prepare({"DATA_DIR": str(tmp_path)})
    migrate(settings)
    assert not has_our_key(settings)
    for name in ("DATA_DIR", "SECRET_KEY"):
        monkeypatch.setenv(name, environ[name])
    assert main(["migrate"]) == 0
    assert has_our_key(settings)
    other = {"DATA_DIR": str(tmp_path), "SECRET_KEY": environ["SECRET_KEY"][::-1]}
    assert not has_our_key(prepare(other)[1])
    assert has_our_key(prepare(other | {"SECRET_KEY_PREVIOUS": environ["SECRET_KEY"]})[1])
