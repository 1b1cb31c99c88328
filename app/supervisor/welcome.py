"""What a person reads once the product answers."""

from app.runtime.settings import Settings
from app.supervisor.output import say, write


class Welcome:
    """Takes the lines of `app.cli first-owner-link demo-curl`; shows them so that they can be
    copied, without a name before them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lines: list[str] = []

    def take(self, line: str) -> None:
        self._lines.append(line)

    def show_address(self) -> None:
        say(f"Ready on {self._settings.public_url} - stop with Ctrl-C.")

    def show_lines(self, exit_code: int) -> None:
        """After the command has ended."""
        if exit_code:
            say("\n".join(["No sign-in link could be made:", *self._lines[-3:]]))
            return
        for line in self._lines:
            words = "Post an event" if line.startswith("curl ") else "Sign in, one time"
            write(f"\n{words}:\n{line}\n")
