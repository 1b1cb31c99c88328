"""A start that has nothing to migrate does not load what migrates."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app.cli.migrate import MIGRATIONS, alembic_config, migrate
from app.runtime.settings import Settings
from app.supervisor.environment import prepare
from app.supervisor.schema import heads, is_current


@pytest.fixture
def fresh(tmp_path: Path) -> Settings:
    return prepare({"DATA_DIR": str(tmp_path / "a b%41")})[1]


def test_the_head_is_the_one_that_alembic_finds() -> None:
    assert heads(MIGRATIONS) == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def test_a_database_that_is_not_there_is_not_current(fresh: Settings) -> None:
    assert not is_current(fresh, MIGRATIONS)
    assert not list(fresh.data_dir.glob("*.db*"))


def test_a_migrated_database_is_current(fresh: Settings) -> None:
    migrate(fresh)
    assert is_current(fresh, MIGRATIONS)


def test_a_database_of_an_older_shape_is_not_current(fresh: Settings, tmp_path: Path) -> None:
    migrate(fresh)
    versions = tmp_path / "versions"
    versions.mkdir()
    (versions / "9999_new.py").write_text('revision = "9999"\ndown_revision = "0001"\n')
    assert not is_current(fresh, tmp_path)


def test_postgresql_is_always_asked_properly(tmp_path: Path) -> None:
    given = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://localhost/x"}
    assert not is_current(prepare(given)[1], MIGRATIONS)
