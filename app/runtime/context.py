"""What services take from the running app: its settings, its vault, its address rule."""

from flask import current_app

from app.domain.test_inbox.responses import inbox_exemption
from app.runtime.settings import Settings
from app.runtime.vault import Vault
from app.sending.addresses.guard import Guard


def settings() -> Settings:
    found: Settings = current_app.extensions["callboard.settings"]
    return found


def vault() -> Vault:
    found: Vault = current_app.extensions["callboard.vault"]
    return found


def guard() -> Guard:
    """Whom this installation may call."""
    extensions = current_app.extensions
    if "callboard.guard" not in extensions:
        exempt = inbox_exemption(settings().public_url)
        extensions["callboard.guard"] = Guard(settings().allowed_private_networks, exempt)
    found: Guard = extensions["callboard.guard"]
    return found
