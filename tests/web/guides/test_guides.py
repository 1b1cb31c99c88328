"""The guides inside the product, and the help links of forms that lead into them."""

import re
from html import unescape

import pytest
import yaml

from app.domain.webhooks.settings.catalogue import SETTINGS
from app.web.common.forms import CallboardForm
from app.web.guides import library
from app.web.guides.markdown import rendered
from app.web.webhooks.form import WebhookForm
from tests.habits.tree import ROOT
from tests.web.visitor import Visitor

# For the people who change Callboard, or of the site itself.
ELSEWHERE = {"start", "README", "contributing", "decisions/index", "changelog"}
TARGET = re.compile(r'(?:href|src)="([^"]*)"')


def anchors(name: str) -> set[str]:
    page = library.guide(name)
    assert page is not None, name
    return {section.anchor for section in page.sections}


def forms(kind: type = CallboardForm) -> list[type[CallboardForm]]:
    return [form for each in kind.__subclasses__() for form in (each, *forms(each))]


def test_every_page_of_the_site_is_a_guide() -> None:
    nav = yaml.safe_load(re.sub(r"!!\S+", "", (ROOT / "mkdocs.yml").read_text()))["nav"]
    pages = {name.removesuffix(".md") for name in re.findall(r"'([\w/-]+\.md)'", str(nav))}
    assert pages - ELSEWHERE <= library.NAMES


@pytest.mark.parametrize("name", sorted(library.NAMES))
def test_links_of_a_guide_lead_to_places_that_exist(name: str) -> None:
    page = library.guide(name)
    assert page is not None
    assert page.title
    for target in map(unescape, TARGET.findall(page.html)):
        path, _, anchor = target.partition("#")
        if path.startswith("/guides/images/"):
            assert (library.images() / path.rpartition("/")[2]).is_file(), target
        elif path.startswith("/guides/"):
            known = anchors(path.removeprefix("/guides/"))
            assert not anchor or anchor in known, target
        elif path:
            assert path == "/guides" or re.match(r"https?:", path), target
        else:
            assert anchor in anchors(name), target


def test_unknown_names_are_not_kept(owner: Visitor) -> None:
    caches = [each for each in vars(library).values() if hasattr(each, "cache_info")]
    assert caches
    before = [each.cache_info().currsize for each in caches]
    for number in range(3):
        assert owner.get(f"/guides/nobody-{number}").status_code == 404
    assert [each.cache_info().currsize for each in caches] == before


def test_raw_html_and_scripts_are_text() -> None:
    page = rendered("# T\n\n<script>x</script>\n\n[a](javascript:alert(1))\n", "t", lambda _: None)
    assert "<script>" not in page.html
    assert "href" not in page.html


def test_headings_have_the_anchors_of_the_site() -> None:
    page = rendered("# A b\n\n## `x-y` Ü & z\n\n## Same\n\n## Same\n", "t", lambda _: None)
    assert [section.anchor for section in page.sections] == ["", "a-b", "x-y-u-z", "same", "same_1"]


def test_guides_are_read_and_searched(viewer: Visitor) -> None:
    assert "Event types" in viewer.get("/guides").text
    page = viewer.get("/guides/event-types").text
    assert 'id="what-a-schema-is-used-for"' in page
    matches = viewer.get("/guides?q=schema_check reject").text
    assert "/guides/event-types#what-a-schema-is-used-for" in matches
    assert "No matches" in viewer.get("/guides?q=nonsensical").text
    assert viewer.get("/guides/contributing").status_code == 404
    assert viewer.get("/guides/../README").status_code == 404
    with viewer.get("/guides/images/overview.png") as image:
        assert image.mimetype == "image/png"
    assert viewer.get("/guides/images/..%2f..%2fREADME.md").status_code == 404


def test_every_help_link_leads_to_a_place_that_exists() -> None:
    places = {at for form in forms() for at in form.guides.values()}
    assert len(places) > len(SETTINGS)
    for target in places:
        name, _, anchor = target.partition("#")
        assert not anchor or anchor in anchors(name), target


def test_every_setting_of_a_webhook_has_its_place() -> None:
    assert {setting.name for setting in SETTINGS} <= anchors("reference/webhook-settings")
    assert set(WebhookForm.guides.values()) == {
        f"reference/webhook-settings#{setting.name}" for setting in SETTINGS
    }


def test_fields_have_help_links(owner: Visitor) -> None:
    page = owner.get("/webhooks/new?preset=custom").text
    assert 'href="/guides/reference/webhook-settings#url"' in page
    page = owner.get("/event-type-new").text
    assert 'href="/guides/event-types#what-a-schema-is-used-for"' in page
