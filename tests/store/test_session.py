"""The session's options, set once in app/models/common/base.py."""

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, select, text, update
from sqlalchemy.exc import NoResultFound

from app.models import Organization
from app.models.common.base import db


@pytest.fixture
def loaded(app: Flask, organization: Organization) -> Organization:
    """An organization that the session holds, and that another connection has since renamed."""
    row = db.session.get_one(Organization, organization.id)
    elsewhere(app, f"UPDATE organizations SET name = 'New' WHERE id = '{row.id}'")
    return row


def elsewhere(app: Flask, statement: str) -> None:
    db.session.commit()
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_select_returns_the_current_row(loaded: Organization) -> None:
    assert loaded.name == "Acme Video"
    assert db.session.scalars(select(Organization)).all() == [loaded]
    assert loaded.name == "New"


def test_get_returns_the_current_row(loaded: Organization) -> None:
    assert db.session.get(Organization, loaded.id) is loaded
    assert loaded.name == "New"


def test_get_one_returns_the_current_row(loaded: Organization) -> None:
    assert db.session.get_one(Organization, loaded.id) is loaded
    assert loaded.name == "New"


def test_get_with_a_lock_returns_the_current_row(loaded: Organization) -> None:
    assert db.session.get(Organization, loaded.id, with_for_update=True) is loaded
    assert loaded.name == "New"


def test_a_row_deleted_elsewhere_is_not_found(app: Flask, loaded: Organization) -> None:
    elsewhere(app, f"DELETE FROM organizations WHERE id = '{loaded.id}'")
    assert db.session.get(Organization, loaded.id) is None
    with pytest.raises(NoResultFound):
        db.session.get_one(Organization, loaded.id)


def test_unsaved_changes_are_written_before_a_read(organization: Organization) -> None:
    row = db.session.get_one(Organization, organization.id)
    row.name = "Renamed"
    assert db.session.scalars(select(Organization.name)).all() == ["Renamed"]
    assert db.session.get_one(Organization, organization.id).name == "Renamed"


def test_a_bulk_update_leaves_objects_alone_until_they_are_read(loaded: Organization) -> None:
    db.session.execute(update(Organization).values(name="Bulk"))
    assert loaded.name == "Acme Video"
    assert db.session.get_one(Organization, loaded.id).name == "Bulk"


def test_a_bulk_delete_leaves_objects_alone_until_they_are_read(loaded: Organization) -> None:
    db.session.execute(delete(Organization).where(Organization.id == loaded.id))
    assert loaded in db.session
    assert db.session.get(Organization, loaded.id) is None
