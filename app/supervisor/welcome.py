"""Print the sign-in link and the first command once Callboard is ready."""

import sys

from app.runtime.configuration.settings import Settings
from app.supervisor.output import say, write

HOW_TO_GET_A_KEY = (
    "For a command that posts a first event, with an API key that is valid for 24 hours, run"
    f" {sys.executable} -m app.cli demo-curl with the same settings."
)
HOW_TO_SIGN_IN = (
    "Nobody has signed in yet. For a link that signs in once, run"
    f" {sys.executable} -m app.cli first-owner-link with the same settings."
)


class Welcome:
    """Collects the output of `app.cli first-owner-link demo-curl` and prints it without a process
    name, so that it can be copied.

    is_terminal: a person reads it. Elsewhere no key is printed: logs are kept and passed on. In
    logs of JSON objects there is no link either.
    """

    def __init__(self, settings: Settings, *, is_terminal: bool) -> None:
        self.is_terminal = is_terminal and settings.log_format != "json"
        self._settings = settings
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        self._lines.append(line)

    def show_address(self) -> None:
        address, public_url = self._settings.listening_url, self._settings.public_url
        reached = "" if public_url == address else f" (PUBLIC_URL is {public_url})"
        say(f"Ready on {address}{reached} - stop with Ctrl-C.")

    def show_lines(self, exit_code: int) -> None:
        """Call it after the command has ended."""
        if exit_code:
            say("\n".join(["Could not create a sign-in link:", *self._lines[-3:]]))
            return
        for line in self._lines:
            self._show(line)
        if self._lines and not self.is_terminal:
            say(HOW_TO_GET_A_KEY)

    def _show(self, line: str) -> None:
        is_link = line.startswith(self._settings.public_url)
        if self._settings.log_format == "json" and (is_link or line.startswith("curl ")):
            say(HOW_TO_SIGN_IN)
        elif line.startswith("curl "):
            write(f"\nPost an event (the key is valid for 24 hours):\n{line}\n")
        elif is_link:
            write(f"\nSign in (link works once):\n{line}\n")
        else:
            say(line)
