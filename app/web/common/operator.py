"""The commands that pages give to the operator of the installation."""

from pathlib import Path

from app.runtime.root import IS_INSTALLED, ROOT


def operator_command(arguments: str) -> str:
    """As it is to be typed in Callboard's directory, whose environment need not be activated. An
    installation without its own environment, such as the container, has one `python`."""
    if IS_INSTALLED:
        return f"callboard-admin {arguments}"
    own = Path(".venv/bin/python")
    python = own if (ROOT / own).exists() else "python"
    return f"{python} -m app.cli {arguments}"
