"""Colours of others, read and made readable."""

import pytest

from app.domain.common.errors import Invalid
from app.domain.portal.colors import check_color, contrast, readable_on


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
