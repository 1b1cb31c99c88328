"""What /metrics says."""

import re

from flask.testing import FlaskClient


def metric(client: FlaskClient, name: str) -> float:
    """name: with its labels, as they are written there. 0 for what was never counted."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0
