"""What services take from the running app: its settings and its vault."""

from flask import current_app

from app.config import Settings
from app.vault import Vault


def settings() -> Settings:
    found: Settings = current_app.extensions["callboard.settings"]
    return found


def vault() -> Vault:
    found: Vault = current_app.extensions["callboard.vault"]
    return found
