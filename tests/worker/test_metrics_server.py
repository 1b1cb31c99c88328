"""The metrics of a worker that is started apart."""

import logging
import socket

import pytest
import requests

from app.worker.metrics_server import serve_metrics
from tests.support.servers.ports import free_port


def test_a_worker_serves_its_metrics() -> None:
    port = free_port()
    serve_metrics("127.0.0.1", port)
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=45).text
    assert "# TYPE callboard_in_flight gauge" in text


def test_a_port_that_is_taken_does_not_stop_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, caplog.at_level(logging.ERROR):
        serve_metrics("127.0.0.1", taken.getsockname()[1])
    assert "Address already in use" in caplog.text
