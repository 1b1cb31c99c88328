"""Colours of others, read and made readable."""

import pytest

from app.domain.common.errors import Invalid
from app.domain.portal.colors import DARK, LIGHT, accent, check_color, contrast, mixed, readable_on


@pytest.mark.parametrize(
    ("value", "color"),
    [
        ("#1D3FB4", "#1d3fb4"),
        (" #abc ", "#aabbcc"),
        (None, None),
        ("", None),
    ],
)
def test_a_color_is_normalized(value: object, color: str | None) -> None:
    assert check_color(value, "brand_color") == color


@pytest.mark.parametrize(
    "value",
    ["red", "#12", "#1d3fb4ff", "#1d3fb4;}", "rgb(0,0,0)", "1d3fb4", 7, "#\u0661\u0662\u0663"],
)
def test_an_invalid_color_is_rejected(value: object) -> None:
    with pytest.raises(Invalid):
        check_color(value, "brand_color")


def test_contrast_is_computed_as_in_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_text_is_readable_on_any_color() -> None:
    steps = [f"{value:02x}" for value in range(0, 256, 15)]
    colors = [f"#{r}{g}{b}" for r in steps for g in steps for b in steps]
    assert min(contrast(color, readable_on(color)) for color in colors) >= 4.5


@pytest.mark.parametrize("is_dark", [False, True])
def test_every_brand_color_has_readable_links_and_visible_buttons(is_dark: bool) -> None:
    pages = DARK if is_dark else LIGHT
    steps = [f"{value:02x}" for value in range(0, 256, 51)]
    for color in (f"#{r}{g}{b}" for r in steps for g in steps for b in steps):
        shades = accent(color, is_dark=is_dark)
        assert min(contrast(shades.text, page) for page in (*pages, shades.soft)) >= 4.5
        assert min(contrast(shades.fill, page) for page in pages) >= 3
        assert contrast(shades.on_fill, shades.fill) >= 4.5
        assert contrast(shades.on_fill, shades.hover) >= 4.5
        assert contrast(shades.check, "#ffffff") >= 3


def test_a_color_with_enough_contrast_stays_as_it_is() -> None:
    shades = accent("#1d3fb4", is_dark=False)
    assert (shades.text, shades.fill, shades.on_fill) == ("#1d3fb4", "#1d3fb4", "#ffffff")


def test_colors_are_mixed_in_shares() -> None:
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#102030", "#ffffff", 0) == "#102030"
