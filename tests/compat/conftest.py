"""Clients of the dialects with API keys."""

import base64
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from tests.compat.caller import Caller
from tests.compat.customer import Customer
from tests.support.product import Product


def basic(key: Any) -> dict[str, str]:
    pair = base64.b64encode(f"{key.id}:{key.secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.fixture
def call(sqlite_app: Flask, client: FlaskClient, api_key: Any) -> Caller:
    """Basic, with the key's id and secret."""
    return Caller(client, basic(api_key))


@pytest.fixture
def native(client: FlaskClient, api_key: Any) -> Caller:
    """The native API of the same organization."""
    return Caller(client, {"Authorization": f"Bearer {api_key.key}"}, "/api/v1")


@pytest.fixture
def stranger(sqlite_app: Flask, client: FlaskClient) -> Caller:
    """With a key of another organization."""
    other = organizations.create("Other")
    return Caller(client, basic(api_keys.create(other.id, "theirs", actor=SYSTEM)))


@pytest.fixture
def reader(client: FlaskClient, organization: Any) -> Caller:
    """With a key that cannot manage webhooks."""
    key = api_keys.create(organization.id, "reads", ["deliveries:read"], actor=SYSTEM)
    return Caller(client, basic(key))


@pytest.fixture
def render(client: FlaskClient, call: Caller, api_key: Any) -> Caller:
    """With the header of the render service's clients."""
    return Caller(client, {"x-api-key": api_key.key})


@pytest.fixture
def customer(product: Product) -> Customer:
    """Of the running product."""
    return Customer(product)
