"""The example receivers in Python; `script/receivers` runs those in other languages."""

import os
import sys
from pathlib import Path

import pytest

from tests.examples.callbacks import check, receiver
from tests.examples.conftest import ROOT


@pytest.mark.parametrize("name", ["flask_app", "fastapi_app", "django_app"])
def test_a_receiver_refuses_forgeries_and_handles_each_callback_once(
    name: str, tmp_path: Path
) -> None:
    command = [sys.executable, str(ROOT / "examples" / "receivers" / f"{name}.py")]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python" / "src")}
    with receiver(command, tmp_path, environ) as (url, output):
        check(url, output)
