"""The commands that pages give to the operator of the installation."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def operator_command(arguments: str) -> str:
    """As it is to be typed in Callboard's directory, whose environment need not be activated. An
    installation without its own environment, such as the container, has one `python`."""
    own = Path(".venv/bin/python")
    python = own if (_ROOT / own).exists() else "python"
    return f"{python} -m app.cli {arguments}"
