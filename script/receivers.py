"""Install and run the example receivers of other languages; see script/receivers."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.examples.callbacks import SECRET, check, receiver

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "receivers"
INSTALL_SECONDS, START_SECONDS = 900, 120
_NPM = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class NotRun(Exception):
    """The message says what is missing."""


@dataclass(frozen=True)
class Example:
    """files: where each file of the example belongs. install: commands; then `start` serves."""

    name: str
    files: dict[str, str]
    install: tuple[tuple[str, ...], ...]
    start: tuple[str, ...]


RECEIVERS = (
    Example(
        "express",
        {"express.mjs": "express.mjs"},
        ((*_NPM, "express", "standardwebhooks"),),
        ("node", "express.mjs"),
    ),
    Example(
        "nextjs",
        {"nextjs/route.js": "app/hook/route.js"},
        ((*_NPM, "next", "react", "react-dom", "standardwebhooks"), ("npx", "next", "build")),
        ("npx", "next", "start", "--hostname", "127.0.0.1"),
    ),
    Example(
        "go",
        {"go": "."},
        (("go", "build", "-o", "receiver", "."),),
        ("./receiver",),
    ),
    Example(
        "spring",
        {"spring": "."},
        (("mvn", "--batch-mode", "--quiet", "package"),),
        ("java", "-jar", "target/receiver-1.0.0.jar"),
    ),
    Example(
        "rails",
        {"rails.rb": "callbacks_controller.rb", "../../script/receiver_apps/rails": "."},
        (("ruby", "-e", "require 'rails'; require 'puma'; require 'sqlite3'"),),
        ("ruby", "app.rb"),
    ),
    Example(
        "laravel",
        {"laravel.php": "CallbackController.php", "../../script/receiver_apps/laravel": "."},
        (("php", "-r", "require 'Illuminate/autoload.php'; new PDO('sqlite::memory:');"),),
        ("sh", "-c", 'exec php -S "127.0.0.1:$PORT" app.php'),
    ),
    Example("aspnet", {"aspnet": "."}, (("dotnet", "build"),), ("dotnet", "run", "--no-build")),
)


def run(example: Example, directory: Path) -> None:
    """AssertionError if it does not do what a receiver must. NotRun if it cannot be run here."""
    missing = {command[0] for command in example.install if not shutil.which(command[0])}
    if missing:
        raise NotRun(f"{', '.join(sorted(missing))} is not on PATH.")
    for source, target in example.files.items():
        _copy(EXAMPLES / source, directory / target)
    for command in example.install:
        _install(command, directory)
    with receiver(example.start, directory, dict(os.environ), START_SECONDS) as (url, output):
        check(url, output)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def _install(command: tuple[str, ...], directory: Path) -> None:
    # Next.js loads the route while it builds.
    environ = {**os.environ, "CALLBOARD_SECRET": SECRET, "NEXT_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(
        command,
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotRun(
            f"{' '.join(command[:2])} failed: {(done.stderr or done.stdout)[-600:].strip()}"
        )


def result(example: Example) -> str:
    with tempfile.TemporaryDirectory(prefix="receivers-") as name:
        try:
            run(example, Path(name))
        except NotRun as error:
            return f"NOT RUN  {example.name}: {error}"
        except (AssertionError, OSError, StopIteration) as error:
            return f"FAILED   {example.name}: {error}"
    return f"PASSED   {example.name}"


def main(names: list[str]) -> int:
    selected = [example for example in RECEIVERS if not names or example.name in names]
    if not selected:
        print(f"Unknown receiver. Known: {' '.join(each.name for each in RECEIVERS)}")
        return 2
    results = []
    for example in selected:
        results.append(result(example))
        print(results[-1], flush=True)
    return 1 if any(line.startswith("FAILED") for line in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
