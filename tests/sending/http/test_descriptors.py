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
    ("soft", "hard", "then", "warned"),
    [
        (256, 8000, "8000 8000", False),
        (1024, 18000, "16384 18000", False),
        (256, 3000, "3000 3000", True),
        (17000, 18000, "17000 18000", False),
    ],
)
def test_a_worker_may_open_as_many_files_as_its_system_lets_it(
    soft: int, hard: int, then: str, warned: bool
) -> None:
    program = PROGRAM.format(soft=soft, hard=hard)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == then
    assert ("too low for 1000 requests" in done.stderr) is warned
