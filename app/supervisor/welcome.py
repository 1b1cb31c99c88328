"""Print the sign-in link and the first command once Callboard is ready."""

from app.runtime.settings import Settings
from app.supervisor.output import say, write


class Welcome:
    """Collects the output of `app.cli first-owner-link demo-curl` and prints it without a process
    name, so that it can be copied."""

    def __init__(self, settings: Settings) -> None:
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
            words = "Post an event" if line.startswith("curl ") else "Sign in (link works once)"
            write(f"\n{words}:\n{line}\n")
