"""PyPI shotstack-sdk: posts an edit with a callback and polls it until it is done.

Environment: CALLBOARD, KEY, RECEIVER. Prints the render's id once it is queued; the caller
acts as the render farm.
"""

import os
import time

import shotstack_sdk as shotstack
from shotstack_sdk.api import edit_api
from shotstack_sdk.model.clip import Clip
from shotstack_sdk.model.edit import Edit
from shotstack_sdk.model.html_asset import HtmlAsset
from shotstack_sdk.model.merge_field import MergeField
from shotstack_sdk.model.output import Output
from shotstack_sdk.model.timeline import Timeline
from shotstack_sdk.model.track import Track

UNKNOWN = "6d7acbe6-e7c1-4cf8-b8ea-94e7522878cc"

configuration = shotstack.Configuration(host=os.environ["CALLBOARD"] + "/edit/v1")
configuration.api_key["DeveloperKey"] = os.environ["KEY"]

with shotstack.ApiClient(configuration) as client:
    api = edit_api.EditApi(client)
    clip = Clip(asset=HtmlAsset(html="<p>Hello</p>"), start=0.0, length=1.0)
    edit = Edit(
        timeline=Timeline(tracks=[Track(clips=[clip])]),
        output=Output(format="mp4", resolution="sd"),
        callback=os.environ["RECEIVER"] + "/status.php?var={{PARAM}}",
        merge=[MergeField(find="PARAM", replace="foo")],
    )
    created = api.post_render(edit)
    assert (created.success, created.message) == (True, "Created"), created
    render_id = created.response.id
    render = api.get_render(render_id)
    assert (render.response.status, render.response.id) == ("queued", render_id), render
    assert render.response.data.callback == edit.callback, render
    print(render_id, flush=True)
    until = time.monotonic() + 20
    while render.response.status != "done":
        assert time.monotonic() < until, render
        time.sleep(0.2)
        render = api.get_render(render_id, data=False, merged=True)
    assert render.response.url.endswith(f"{render_id}.mp4"), render
    try:
        api.get_render(UNKNOWN)
    except shotstack.ApiException as error:
        assert error.status == 404, error  # noqa: PT017
    else:
        raise AssertionError("an unknown render was found")
