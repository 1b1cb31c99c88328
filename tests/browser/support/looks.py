"""The colours and widths in which pages are looked at.

`script/test` takes two opposite corners; the others are long tests, for `script/acceptance`.
"""

import pytest

EVERY_LOOK = pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1440),
        ("dark", 390),
        pytest.param("light", 390, marks=pytest.mark.long),
        pytest.param("dark", 1440, marks=pytest.mark.long),
    ],
)
# With scripts, and in one look without.
EVERY_LOOK_AND_NO_SCRIPTS = pytest.mark.parametrize(
    ("theme", "width", "scripts"),
    [
        ("light", 1440, True),
        pytest.param("dark", 390, True, marks=pytest.mark.long),
        ("light", 390, False),
    ],
)
