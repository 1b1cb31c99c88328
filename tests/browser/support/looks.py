"""The colours and widths in which pages are looked at.

All are long tests, for `script/acceptance`; `script/test` looks at a page of each kind, at half of
them in light colours on a desktop, at the others in dark ones on a phone (test_every_page.py).
"""

import pytest

EVERY_LOOK = pytest.mark.parametrize(
    ("theme", "width"),
    [
        pytest.param("light", 1440, marks=pytest.mark.long),
        pytest.param("dark", 390, marks=pytest.mark.long),
        pytest.param("light", 390, marks=pytest.mark.long),
        pytest.param("dark", 1440, marks=pytest.mark.long),
    ],
)
ONE_LOOK_AND_MORE = pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1440),
        pytest.param("dark", 390, marks=pytest.mark.long),
        pytest.param("light", 390, marks=pytest.mark.long),
        pytest.param("dark", 1440, marks=pytest.mark.long),
    ],
)
# With scripts, and in one look without. That everything works without them is tested in tests/web,
# where nothing runs any.
EVERY_LOOK_AND_NO_SCRIPTS = pytest.mark.parametrize(
    ("theme", "width", "scripts"),
    [
        ("light", 1440, True),
        pytest.param("dark", 390, True, marks=pytest.mark.long),
        pytest.param("light", 390, False, marks=pytest.mark.long),
    ],
)
