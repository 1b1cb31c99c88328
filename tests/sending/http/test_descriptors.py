import subprocess
import sys

import pytest

PROGRAM = """
import logging, resource
from app.sending.http.descriptors import raise_open_file_limit
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
raise_open_file_limit(1000)
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "limits", "warned"),
    [
        (256, 8000, "8000 8000", False),
        (1024, 18000, "16384 18000", False),
        (256, 3000, "3000 3000", True),
        (17000, 18000, "17000 18000", False),
    ],
)
def test_the_open_file_limit_is_raised_as_far_as_the_system_allows(
    soft: int, hard: int, limits: str, warned: bool
) -> None:
    program = PROGRAM.format(soft=soft, hard=hard)
    command = [sys.executable, "-c", program]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert completed.stdout.strip() == limits
    assert ("too low for 1000 requests" in completed.stderr) is warned
