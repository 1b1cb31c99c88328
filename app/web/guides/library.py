"""Which guides there are, their text, and a search in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.runtime.root import ROOT
from app.web.guides.markdown import Rendered, Section, rendered

DIRECTORY = ROOT / "docs"
# By topic, in the order of reading. What concerns the people who change Callboard is left out.
TOPICS: dict[str, tuple[str, ...]] = {
    "Start": ("tutorial", "concepts"),
    "Send events": ("api", "versioning", "event-types", "portal"),
    "Receive webhooks": ("receiving", "verifying", "listening", "test-inbox"),
    "Use the dashboard": ("dashboard", "accounts", "notifications"),
    "Move from another system": (
        "coming-from-form-callback",
        "coming-from-live-channel",
        "coming-from-asset",
        "coming-from-render",
        "coming-from-encoding",
        "coming-from-svix",
        "conformance",
        "comparison",
    ),
    "Run it": (
        "deploying",
        "operating",
        "operations/troubleshooting",
        "runbooks",
        "reliability",
        "scale",
        "operations/figures",
        "sign-in",
        "platform",
        "retention",
        "audit-log",
        "security",
        "benchmarks",
        "benchmarks-against",
        "licences",
    ),
    "Reference": (
        "reference/webhook-settings",
        "reference/form-fields",
        "reference/failure-reasons",
        "reference/settings",
        "reference/metrics",
        "reference/commands",
        "reference/api",
        "reference/svix-methods",
    ),
}
NAMES = frozenset(name for names in TOPICS.values() for name in names)
_MAX_MATCHES, _BEFORE, _EXCERPT = 50, 60, 220


@dataclass(frozen=True, slots=True)
class Match:
    """excerpt: text around the first of the words."""

    name: str
    guide: str
    section: Section
    excerpt: str


def guide(name: str) -> Rendered | None:
    """None: there is no such guide. It is read once in each process."""
    return _guide(name) if name in NAMES else None


@cache
def _guide(name: str) -> Rendered:
    """Only for NAMES: the cache keeps each name."""
    return rendered((DIRECTORY / f"{name}.md").read_text(encoding="utf-8"), name, _url)


def images() -> Path:
    return DIRECTORY / "images"


def search(words: Sequence[str]) -> list[Match]:
    """Sections with every word: those with all of them in the heading first."""
    wanted = [word.lower() for word in words]
    matches: list[tuple[int, Match]] = []
    for name in (name for names in TOPICS.values() for name in names):
        page = guide(name)
        for section in page.sections if page else ():
            text = f"{section.title} {section.text}".lower()
            if wanted and all(word in text for word in wanted):
                title = f"{page.title if page else ''} {section.title}".lower()
                rank = sum(word not in title for word in wanted)
                excerpt = _excerpt(section.text, wanted)
                matches.append((rank, Match(name, page.title if page else "", section, excerpt)))
    return [each for _, each in sorted(matches, key=lambda pair: pair[0])[:_MAX_MATCHES]]


def _excerpt(text: str, words: Sequence[str]) -> str:
    positions = [at for word in words if (at := text.lower().find(word)) >= 0]
    start = max(0, min(positions, default=0) - _BEFORE)
    cut = text[start : start + _EXCERPT]
    return f"{'…' if start else ''}{cut}{'…' if start + _EXCERPT < len(text) else ''}"


def _url(path: str) -> str | None:
    """path: below docs/, with its ending."""
    if path.startswith("images/"):
        return f"/guides/{path}"
    name = path.removesuffix(".md")
    if name == "README":
        return "/guides"
    return f"/guides/{name}" if name in NAMES and path.endswith(".md") else None
