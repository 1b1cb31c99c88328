"""The Caddyfile with today's Caddy: Debian's, which the other tests use, is of 2022."""

import os
import subprocess
import sys

import pytest

from tests.deploy.tools.figures import figure
from tests.deploy.tools.go import PACKAGES, tool
from tests.deploy.tools.programs import ROOT

pytestmark = pytest.mark.timeout(3000)


def test_the_proxy_tests_pass_with_the_current_caddy() -> None:
    path = os.path.dirname(tool("caddy")) + os.pathsep + os.environ["PATH"]  # noqa: PTH120
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
               "tests/deploy/test_proxies.py", "-k", "caddy"]  # fmt: skip
    environ = os.environ | {"PATH": path}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    figure("Caddy", PACKAGES["caddy"].rpartition("@")[2], done.stdout.splitlines()[-1].strip("= "))
