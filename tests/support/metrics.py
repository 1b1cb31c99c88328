"""Read values from /metrics."""

import re

from flask.testing import FlaskClient


def metric(client: FlaskClient, name: str) -> float:
    """name: with its labels, as /metrics prints them. Returns 0 for a metric without a value."""
    match = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(match[1]) if match else 0.0
