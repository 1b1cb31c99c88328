"""One call with the client that openapi-python-client generated as `callboard_api`."""

import importlib
import os
import pkgutil

import callboard_api.api
from callboard_api import AuthenticatedClient
from callboard_api.api.events import create_event
from callboard_api.models import EventInput

modules = [
    importlib.import_module(each.name)
    for each in pkgutil.walk_packages(callboard_api.api.__path__, "callboard_api.api.")
]
operations = [module for module in modules if hasattr(module, "sync_detailed")]

event = EventInput.from_dict({"type": "file.received", "payload": {"name": "a.mov"}})
with AuthenticatedClient(os.environ["CALLBOARD"], token=os.environ["KEY"]) as client:
    accepted = create_event.sync(client=client, body=event)
print(len(operations), accepted.id)
