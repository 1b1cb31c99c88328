"""Print the sign-in link and the first command once Callboard is ready."""

import sys

from app.runtime.settings import Settings
from app.supervisor.output import say, write

HOW_TO_GET_A_KEY = (
    "For a command that posts a first event, with an API key that is valid for 24 hours, run"
    f" {sys.executable} -m app.cli demo-curl with the same settings."
)


class Welcome:
    """Collects the output of `app.cli first-owner-link demo-curl` and prints it without a process
    name, so that it can be copied.

    is_terminal: a person reads it. Elsewhere no key is printed: logs are kept and passed on.
    """

    def __init__(self, settings: Settings, *, is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self._settings = settings
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        self._lines.append(line)

    def show_address(self) -> None:
        say(f"Ready on {self._settings.public_url} - stop with Ctrl-C.")

    def show_lines(self, exit_code: int) -> None:
        """Call it after the command has ended."""
        if exit_code:
            say("\n".join(["Could not create a sign-in link:", *self._lines[-3:]]))
            return
        for line in self._lines:
            if line.startswith("curl "):
                write(f"\nPost an event (the key is valid for 24 hours):\n{line}\n")
            elif line.startswith(self._settings.public_url):
                write(f"\nSign in (link works once):\n{line}\n")
            else:
                say(line)
        if self._lines and not self.is_terminal:
            say(HOW_TO_GET_A_KEY)
