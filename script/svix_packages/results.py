"""What every method of every `svix` package did, as script/conformance saw it last."""

import json
from collections import Counter
from pathlib import Path

from script.svix_packages.caller import NAMES

FILE = Path(__file__).with_name("results.json")
# The names that other generations have, by the name in the table of docs/coming-from-svix.md.
CANONICAL = {other: name for name, others in NAMES.items() for other in others}
_WORDS = {"works": "yes", None: ""}
_INTRO = """\
Each package was installed from its registry and called through every method that it declares,
against a running Callboard. `script/conformance` repeats it and writes these figures; a method that
a new version adds is called as well. *yes*: it works; *501*: it is refused with a sentence that
says what to use instead; *unsent*: the package itself fails before it sends a request; empty: the
package has no such method. The [guide](../coming-from-svix.md#every-method) says what differs.
Names are those of Python. A name that only clients 1.x have is below its name in 2.x."""


def read() -> dict[str, dict[str, str]]:
    """Results by method, by package and version."""
    results: dict[str, dict[str, str]] = json.loads(FILE.read_text())
    return results


def record(package: str, results: dict[str, str]) -> None:
    every = (read() if FILE.exists() else {}) | {package: dict(sorted(results.items()))}
    FILE.write_text(json.dumps(every, indent=1) + "\n")


def page(note: str) -> str:
    """As Markdown."""
    every = read()
    names = sorted({name for results in every.values() for name in results}, key=_order)
    rows = [
        f"| `{name}` | " + " | ".join(_word(results.get(name)) for results in every.values()) + " |"
        for name in names
    ]
    counts = [Counter(map(_word, results.values())) for results in every.values()]
    totals = [
        f"| **{word}** | " + " | ".join(str(count[word]) for count in counts) + " |"
        for word in ("yes", "501", "unsent")
    ]
    head = ["| method | " + " | ".join(every) + " |", "|---|" + "---|" * len(every)]
    table = "\n".join([*head, *totals, *rows])
    return f"# Methods of the Svix packages\n\n{note}\n{_INTRO}\n\n{table}\n"


def _order(name: str) -> tuple[str, bool, str]:
    """A method's other names come after it."""
    return CANONICAL.get(name, name), name in CANONICAL, name


def _word(result: str | None) -> str:
    return _WORDS.get(result, result or "")
