"""What MkDocs calls: pages from files outside of docs/, and links to them that work on the site."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
# Documents outside of docs/ that are pages of the site.
PAGES = {
    "README.md": "start.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "reporting.md",
}
# Links may span two lines.
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages, an index of the decisions, and every file that a document links to."""
    for source, page in PAGES.items():
        text = _links((ROOT / source).read_text(), source)
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "decisions/index.md", content=_decisions()))
    linked = {
        target
        for document in [*(ROOT / "docs").rglob("*.md"), *(ROOT / page for page in PAGES)]
        for target in _targets(document)
    }
    for path in sorted(linked):
        files.append(
            File.generated(config, f"source/{path}.txt", content=(ROOT / path).read_text())
        )
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links that leave docs/ to the site's own copy."""
    if page.file.generated_by is not None:
        return markdown
    return _links(markdown, f"docs/{page.file.src_uri}")


def _links(text: str, source: str) -> str:
    """source: where the text is, from the root of the repository."""
    shown = PAGES.get(source, source.removeprefix("docs/"))

    def lead(link: re.Match[str]) -> str:
        mark, label, target = link.groups()
        if "://" in target or target.startswith(("#", "mailto:")):
            return link[0]
        path, separator, anchor = target.partition("#")
        full = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        page = _page_of(full)
        if page is None:
            # A folder of source files.
            return f"`{full}`"
        relative = posixpath.relpath(page, posixpath.dirname(shown) or ".")
        return f"{mark}[{label}]({relative}{separator}{anchor})"

    return _LINK.sub(lead, text)


def _page_of(path: str) -> str | None:
    """Where the site has a file of the repository."""
    if path in PAGES:
        return PAGES[path]
    if path == "docs/decisions":
        return "decisions/index.md"
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"source/{path}.txt" if (ROOT / path).is_file() else None


def _targets(document: Path) -> set[str]:
    """Files outside of docs/ that it links to."""
    directory = document.parent.relative_to(ROOT).as_posix()
    targets = set()
    for _, _, target in _LINK.findall(document.read_text()):
        path = target.partition("#")[0]
        if not path or "://" in path:
            continue
        full = posixpath.normpath(posixpath.join(directory, path))
        is_page = full in PAGES or full.startswith("docs/")
        if not is_page and (ROOT / full).is_file():
            targets.add(full)
    return targets


def _decisions() -> str:
    lines = ["# Decisions", "", "Why things are as they are, with measurements.", ""]
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        title = path.read_text().partition("\n")[0].removeprefix("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"
