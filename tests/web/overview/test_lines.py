"""Lines of success rate and response time, one day earlier in words, and sorted breakdowns."""

import re
from html import unescape
from typing import Any

import pytest

from app.domain.common.clock import now_ms, parse_iso
from app.domain.deliveries.spans import DAY, QUARTER, RANGES, Window, day_before, window
from app.queries.statistics.counters import SERIES, Figures
from app.services.accounts.actor import SYSTEM
from app.services.first_steps import service as first_steps
from app.web.overview import differences
from app.web.overview.lines import HEIGHT, MARGIN, line_charts
from tests.queries.statistics.test_failing import set_state
from tests.services.maintenance.test_counters import tally
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor

DAY_MS = DAY * 1000


def figures(bars: list[tuple[int, int, dict[int, int]]]) -> Figures:
    """Of a bar: succeeded, failed, {bucket: responses}."""
    series = {name: [0] * len(bars) for name in SERIES}
    series["succeeded"] = [bar[0] for bar in bars]
    series["failed"] = [bar[1] for bar in bars]
    return Figures(Window(0, len(bars) * 1000, 1, 1), series, times=[bar[2] for bar in bars])


NOTHING = (0, 0, {})


@pytest.mark.parametrize("name", ["24h", "7d", "30d"])
def test_the_day_before_is_the_same_window_a_day_earlier(name: str) -> None:
    now = window(name, parse_iso("2026-02-24T11:52:20"))
    before = day_before(now)
    assert (now.start - before.start, now.end - before.end) == (DAY_MS, DAY_MS)
    assert (before.step, before.span) == (now.step, now.span)


def test_the_hour_a_day_before_is_counted_in_quarters() -> None:
    now = window("1h", parse_iso("2026-02-24T11:52:20"))
    before = day_before(now)
    assert before.span == QUARTER
    assert 0 <= now.start - DAY_MS - before.start < QUARTER * 1000
    assert len(before) == 4


def test_a_line_is_interrupted_where_there_is_no_value() -> None:
    now = figures([(9, 1, {40: 3}), NOTHING, (10, 0, {40: 1}), (5, 5, {60: 1})])
    success, times = line_charts(now, figures([NOTHING] * 4))
    before, rate = success.lines
    assert before.path == ""
    assert re.findall("[ML]", rate.path) == ["M", "M", "L"]
    assert [words for _, words in success.ticks] == ["50.0 %", "100 %"]
    assert f"62.50 {MARGIN:.1f}" in rate.path
    assert f"87.50 {HEIGHT - MARGIN:.1f}" in rate.path
    assert [line.words for line in times.lines] == ["Median, one day earlier", "p95", "Median"]


def test_without_attempts_there_are_no_lines() -> None:
    none = figures([NOTHING])
    assert line_charts(none, figures([(5, 0, {40: 5})])) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (differences.of_numbers(5, 5), "same as one day earlier"),
        (differences.of_numbers(1_005, 5), "1\u2009000 more than one day earlier"),
        (differences.of_numbers(0, 2), "2 fewer than one day earlier"),
        (differences.of_shares(0.99, 0.995), "0.5 points lower than one day earlier"),
        (differences.of_shares(1, 0.9), "10 points higher than one day earlier"),
        (differences.of_shares(None, 0.9), ""),
        (differences.of_times(50.0, 38.0), "12 ms slower than one day earlier"),
        (differences.of_times(38.0, 1050.0), "1.0 s faster than one day earlier"),
        (differences.of_times(38.0, None), ""),
    ],
)
def test_a_difference_is_said_in_words(words: str, expected: str) -> None:
    assert words == expected


@pytest.mark.parametrize("name", RANGES)
def test_the_overview_compares_with_one_day_earlier(
    owner: Visitor, organization: Any, name: str
) -> None:
    hook, now = webhook(organization.id), now_ms()
    tally(organization.id, hook, now, succeeded=9, failed=1, deliveries=10, **{"ms:40": 10})
    for path in (f"/?range={name}", f"/webhooks/{hook}?range={name}"):
        page = owner.get(path).text
        assert 'class="line line-main"' in page
        assert "than one day earlier" in page or "same as one day earlier" in page


def test_the_table_has_the_values_of_the_lines(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    tally(organization.id, hook, now_ms(), succeeded=9, failed=1, **{"ms:40": 10})
    table = owner.get("/").text.partition('class="chart-rows"')[2].partition("</table>")[0]
    assert "90.0 %" in table
    assert table.count("102 ms") == 2


def first_names(page: str, title: str) -> list[str]:
    part = page.partition(f"<h2>{title}</h2>")[2].partition("</table>")[0]
    return re.findall(r'<a class="clip"[^>]*>([^<]+)</a>', part)


def test_breakdowns_sort_by_links(owner: Visitor, organization: Any) -> None:
    hook = webhook(organization.id)
    counts = {"type:a.few": 1, "type:b.many": 5, "failed_type:a.few": 1, "type:c.some": 3}
    tally(organization.id, hook, now_ms(), succeeded=9, **counts)
    page = owner.get("/?range=1h").text
    assert first_names(page, "Event types") == ["b.many", "c.some", "a.few"]
    urls = [unescape(url) for url in re.findall(r'href="(/\?types=[^"]+)"', page)]
    assert urls == [f"/?types={order}&range=1h" for order in ("name", "number", "-failed")]
    assert first_names(owner.get(urls[0]).text, "Event types")[0] == "a.few"
    assert first_names(owner.get(urls[2]).text, "Event types")[0] == "a.few"
    assert 'aria-sort="descending"' in owner.get(urls[2]).text


def test_links_of_breakdowns_lead_to_the_page_after_a_form_of_it(
    owner: Visitor, organization: Any
) -> None:
    hook = webhook(organization.id)
    path = f"/webhooks/{hook}"
    tally(organization.id, hook, now_ms(), succeeded=9, **{"type:a.few": 1})
    page = owner.post(path, f"{path}/secret").text
    urls = re.findall(r'href="([^"?]*)\?types=[^"]+"', page)
    assert set(urls) == {path}
    assert owner.get(urls[0]).status_code == 200


FOCUSED = re.compile(r'<(?:a|button|summary)\b[^>]*>|<[a-z]+[^>]* tabindex="0"[^>]*>')


def ids_of_focused(part: str) -> list[str]:
    """The ids of what can have the focus, "" for none."""
    return [" ".join(re.findall(r'\bid="([^"]+)"', tag)) for tag in FOCUSED.findall(part)]


def test_what_can_have_the_focus_in_live_parts_keeps_it(owner: Visitor, organization: Any) -> None:
    hook, now = webhook(organization.id), now_ms()
    types = {"type:a": 1, "failed_type:a": 1, "type:a-failed": 1, "type:A": 1}
    counts = types | {"status:200": 5, "ms:40": 10}
    tally(organization.id, hook, now, succeeded=9, failed=1, deliveries=10, **counts)
    set_state(hook, failing_since=now, consecutive_failures=9, last_failure_at=now)
    delivery(organization.id, hook, "failed")
    first_steps.hide(organization.id, SYSTEM)
    overview = owner.get("/").text.partition('id="over-time"')[2].partition('id="failed"')[0]
    page = owner.get(f"/webhooks/{hook}").text
    attention = page.partition('id="webhook-attention"')[2].partition('id="test-send"')[0]
    recent = page.partition('id="recent-deliveries"')[2].partition("</section>")[0]
    # The rows of the chart's table have one for their links.
    rows = re.compile(r'<tr id="row-\d+">.*?</tr>', re.DOTALL)
    assert rows.search(overview)
    for part in (rows.sub("", overview), attention, recent):
        ids = ids_of_focused(part)
        assert len(ids) >= 2
        assert "" not in ids, part
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("types=size", "Unknown order of types. Use name, -name, number,"),
        ("reasons=--x", "Unknown order of reasons."),
        ("range=2h", "Unknown time range. Use 1h, 24h, 7d, 30d."),
    ],
)
def test_unreadable_parameters_say_so(
    owner: Visitor, organization: Any, query: str, words: str
) -> None:
    hook = webhook(organization.id)
    for path in ("/", f"/webhooks/{hook}"):
        response = owner.get(f"{path}?{query}")
        assert response.status_code == 200
        assert words in response.text
