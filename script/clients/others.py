"""PyPI clients of other video systems (named by the argument): each registers a webhook.

Environment: CALLBOARD, KEY, RECEIVER. The caller inspects their requests.
"""

import os
import sys

BASE, KEY, URL = (os.environ[name] for name in ("CALLBOARD", "KEY", "RECEIVER"))


def api_video() -> None:
    import apivideo
    from apivideo.api.webhooks_api import WebhooksApi
    from apivideo.model.webhooks_creation_payload import WebhooksCreationPayload

    client = apivideo.AuthenticatedApiClient(KEY)
    client.configuration.host = f"{BASE}/api"
    # Normally the result of its sign-in, POST /auth/api-key, which no dialect has.
    client._access_token = KEY  # noqa: SLF001
    events = ["video.encoding.quality.completed"]
    WebhooksApi(client).create(WebhooksCreationPayload(events=events, url=URL))


def livepeer() -> None:
    from livepeer import Livepeer

    client = Livepeer(api_key=KEY, server_url=f"{BASE}/api")
    client.webhook.create(request={"name": "mine", "url": URL, "events": ["stream.started"]})


def cloudflare() -> None:
    from cloudflare import Cloudflare

    client = Cloudflare(api_token=KEY, base_url=BASE, max_retries=0)
    client.stream.webhooks.update(account_id="0" * 32, body_notification_url_1=URL)


def bitmovin() -> None:
    from bitmovin_api_sdk import BitmovinApi, Webhook

    api = BitmovinApi(api_key=KEY, base_url=BASE)
    api.notifications.webhooks.encoding.encodings.finished.create(Webhook(url=URL))


def mux() -> None:
    """It has no API for webhooks: they are created in its dashboard."""
    import mux_python

    names = [name for name in dir(mux_python) if "webhook" in name.lower()]
    assert names == [], names


if __name__ == "__main__":
    {f.__name__: f for f in (api_video, livepeer, cloudflare, bitmovin, mux)}[sys.argv[1]]()
