"""PyPI svix 1.x: applications, endpoints, messages, attempts, the portal and recovery.

Environment: CALLBOARD, PLATFORM_KEY, RECEIVER.
"""

import os
import time
from datetime import UTC, datetime, timedelta

import svix
from svix import models
from svix.api import Svix, SvixOptions

APP, TYPE = "customer-of-1x", "order.paid"
SECONDS = 20

client = Svix(os.environ["PLATFORM_KEY"], SvixOptions(server_url=os.environ["CALLBOARD"]))
application = client.application.get_or_create(models.ApplicationIn(name="Old", uid=APP))
assert client.application.get(APP).id == application.id
fields = models.EndpointIn(
    url=os.environ["RECEIVER"] + "/svix-1x",
    uid="old",
    filter_types=[TYPE],
    rate_limit=50,
    version=1,
)
endpoint = client.endpoint.create(APP, fields)
assert (endpoint.filter_types, endpoint.rate_limit, endpoint.version) == ([TYPE], 50, 1)
patched = client.endpoint.patch(APP, "old", models.EndpointPatch(description="Patched"))
assert (patched.description, patched.filter_types) == ("Patched", [TYPE])
replaced = models.EndpointUpdate(url=endpoint.url, uid="old", filter_types=[TYPE])
assert client.endpoint.update(APP, "old", replaced).rate_limit is None
client.endpoint.update_headers(APP, "old", models.EndpointHeadersIn(headers={"X-A": "1"}))
assert client.endpoint.get_headers(APP, "old").headers == {"X-A": "1"}
client.endpoint.rotate_secret(APP, "old", models.EndpointSecretRotateIn())
assert client.endpoint.get_secret(APP, "old").key.startswith("whsec_")
message = client.message.create(APP, models.MessageIn(event_type=TYPE, payload={"n": 1}))
assert message.payload == {"n": 1}
end = time.monotonic() + SECONDS
while not (attempts := client.message_attempt.list_by_endpoint(APP, "old").data):
    assert time.monotonic() < end, "the message was not delivered"
    time.sleep(0.1)
assert attempts[0].response_status_code == 200
assert [row.id for row in client.message.list(APP).data] == [message.id]
since = datetime.now(UTC) - timedelta(hours=1)
client.endpoint.recover(APP, "old", models.RecoverIn(since=since))
client.endpoint.replay_missing(APP, "old", models.ReplayIn(since=since))
assert client.endpoint.get_stats(APP, "old").success == 1
access = client.authentication.app_portal_access(APP, models.AppPortalAccessIn())
assert "/portal/" in access.url
client.endpoint.delete(APP, "old")
print(f"svix {svix.__version__}: applications, endpoints, messages, attempts, recovery, the portal")
