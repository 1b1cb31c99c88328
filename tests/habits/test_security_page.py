"""The figures of docs/security.md are of the present list of routes."""

import re

from tests.habits import tree
from tests.security.declared import APIS, PAGES, digest, requests_of

PAGE = (tree.ROOT / "docs" / "security.md").read_text()


def test_the_figures_were_measured_with_the_present_list_of_routes() -> None:
    figures = re.search(r"Routes walked: ([\d,]+) \(list (\w+)\)", PAGE)
    assert figures
    number = len(requests_of(PAGES)) + len(requests_of(APIS))
    assert (figures[1].replace(",", ""), figures[2]) == (str(number), digest()), (
        "run script/security"
    )


def test_the_page_reports_no_request_that_passed() -> None:
    assert "\nAnswered otherwise than declared: 0.\n" in PAGE
    attacks = PAGE.partition("| Forms of another site")[2]
    rows = re.findall(r"^\| [^|]+ \| ([\d,]+) \| ([\d,]+) \|$", attacks, re.MULTILINE)
    assert len(rows) >= 10
    assert [row for row in rows if row[0] != row[1]] == []
