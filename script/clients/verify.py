"""PyPI standardwebhooks and svix (the argument is the module): verify what the product sent.

Environment: SENT, a file of [{"secret", "headers", "body" in base64}].
"""

import base64
import importlib
import json
import os
import sys
from pathlib import Path

module = importlib.import_module(sys.argv[1])
more = {"json_parse": False} if sys.argv[1] == "standardwebhooks" else {}

for sent in json.loads(Path(os.environ["SENT"]).read_text()):
    body = base64.b64decode(sent["body"])
    webhook = module.Webhook(sent["secret"])
    webhook.verify(body, sent["headers"], **more)
    try:
        webhook.verify(body + b" ", sent["headers"], **more)
    except module.WebhookVerificationError:
        continue
    raise AssertionError("an altered body was accepted")
