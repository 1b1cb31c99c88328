"""Sample payloads, modelled on real events."""

from dataclasses import dataclass
from typing import Any

MEDIA_ID = "5ad1b5d2-1f0e-4a53-9a86-0a1f7e5f6e21"
ASSET_ID = "9328558d-e0a5-4093-b3b9-8f15ad1550d8"
RENDER_ID = "6d7acbe6-e7c1-4cf8-b8ea-94e7522878cc"
_CDN = "https://cdn.example.com"


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """description: a sentence on what the event type means."""

    description: str
    payload: dict[str, Any]


def _media(status: str, qualities: str, **more: str) -> dict[str, Any]:
    return {
        "media_id": MEDIA_ID,
        "media_type": "video",
        "qualities": qualities,
        "title": "Big Buck Bunny",
        "status": status,
        "user_id": "c0d3b6a4-7c52-4a6e-9a43-6d3b4d1f2a10",
        **more,
    }


def _channel(status: str, viewers: int) -> dict[str, Any]:
    return {
        "id": "5201198",
        "name": "Morning show",
        "status": status,
        "viewers": viewers,
        "ingest": "rtmp://live.example.com/app",
        "playback": f"{_CDN}/live/5201198/index.m3u8",
        "startedAt": 1476697470000,
    }


def _render(status: str, url: str | None, error: str | None) -> dict[str, Any]:
    return {
        "type": "edit",
        "action": "render",
        "id": RENDER_ID,
        "owner": "5ca6hu7s9k",
        "status": status,
        "url": url,
        "error": error,
        "completed": "2020-02-24T11:52:20.810Z",
    }


_ASSET = {
    "id": ASSET_ID,
    "title": "Big Buck Bunny Video",
    "bytes": None,
    "type": "video",
    "video": {
        "progress": 100,
        "thumbnails": [f"{_CDN}/transcoded/{ASSET_ID}/thumbnail_1.png"],
        "status": "Completed",
        "playback_url": f"{_CDN}/transcoded/{ASSET_ID}/video.m3u8",
        "dash_url": f"{_CDN}/transcoded/{ASSET_ID}/video.mpd",
        "preview_thumbnail_url": None,
        "format": "abr",
        "resolutions": ["240p", "360p", "480p", "720p"],
        "video_codec": "h264",
        "audio_codec": "aac",
        "enable_drm": True,
        "tracks": [],
        "inputs": [{"url": "https://static.example.com/BigBuckBunny.mp4"}],
    },
}

_VIDEO = f"{_CDN}/out/{MEDIA_ID}/playlist.m3u8"
_THUMBNAILS = [f"{_CDN}/out/{MEDIA_ID}/thumbnail{number}.png" for number in (1, 2, 3)]
_ALL_QUALITIES = "1080p,720p,480p"


def _callback(value: str | list[str], kind: str) -> dict[str, Any]:
    return {"callback_id": "1", "callback_value": value, "callback_format": kind}


PRESET_SAMPLES: dict[str, SampleEvent] = {
    "transcoding.finished": SampleEvent(
        "A video is transcoded; the value is its playlist.", _callback(_VIDEO, "video")
    ),
    "thumbnails.finished": SampleEvent(
        "The thumbnails of a video are extracted; the value lists them.",
        _callback(_THUMBNAILS, "image"),
    ),
    "channel_live": SampleEvent("A live channel has started.", _channel("live", 0)),
    "channel_stop": SampleEvent(
        "The broadcaster was disconnected; the channel may come back.", _channel("stopped", 128)
    ),
    "channel_ended": SampleEvent("A live channel has ended for good.", _channel("ended", 0)),
    "asset.status_changed": SampleEvent("The status of an asset has changed.", _ASSET),
    "render.done": SampleEvent(
        "A render is finished and can be fetched.",
        _render("done", f"{_CDN}/5ca6hu7s9k/{RENDER_ID}.mp4", None),
    ),
    "render.failed": SampleEvent(
        "A render has failed; its error says why.",
        _render("failed", None, "The asset https://static.example.com/a.mp4 was not found."),
    ),
    "file.received": SampleEvent(
        "A new file was uploaded and received.", _media("transcoding", _ALL_QUALITIES)
    ),
    "encoding.started": SampleEvent(
        "The encoding of a file has begun.", _media("transcoding", _ALL_QUALITIES)
    ),
    "partial.finished": SampleEvent(
        "One quality of a file is encoded.", _media("transcoding", "720p")
    ),
    "encoding.finished": SampleEvent(
        "All qualities of a file are encoded.", _media("done", _ALL_QUALITIES)
    ),
    "encoding.failed": SampleEvent(
        "The encoding of a file has failed.",
        _media("fail", _ALL_QUALITIES, error="Invalid data found when processing input"),
    ),
}

_LINK = "https://callboard.example.com/webhooks/0198c9f5-0b60-7e5c-9db9-81321ffe31d5"
_WEBHOOK = {
    "id": "0198c9f5-0b60-7e5c-9db9-81321ffe31d5",
    "name": "Encoder",
    "url": "https://e.example.com/hook",
}

PRODUCT_SAMPLES: dict[str, SampleEvent] = {
    "callboard.test": SampleEvent(
        "A test event, to check a receiver.",
        {"test": True, "message": "This is a test from Callboard."},
    ),
    "render.queued": SampleEvent(
        "A render was submitted; the payload is the edit, the source its id.",
        {
            "timeline": {"tracks": [{"clips": []}]},
            "output": {"format": "mp4", "resolution": "hd"},
            "callback": "https://my-application.example.com/status.php",
        },
    ),
    "webhook.disabled": SampleEvent(
        "Callboard disabled a webhook.",
        {
            "webhook": _WEBHOOK,
            "reason": "All attempts failed for 5 days.",
            "since": "2026-02-24T11:52:20.810Z",
            "link": _LINK,
        },
    ),
    "webhook.failing": SampleEvent(
        "All attempts of a webhook fail.",
        {
            "webhook": _WEBHOOK,
            "cause": "refused",
            "since": "2026-02-24T11:52:20.810Z",
            "link": _LINK,
        },
    ),
    "webhook.recovered": SampleEvent(
        "Deliveries to a failing webhook succeed again.",
        {"webhook": _WEBHOOK, "since": "2026-02-24T12:07:41.002Z", "link": _LINK},
    ),
    "delivery.failed": SampleEvent(
        "A delivery failed after its last attempt.",
        {
            "webhook": _WEBHOOK,
            "delivery": {"id": "0198c9f6-1c71-7f6d-8eca-92432aaf42e6", "attempts": 10},
            "event": {"id": "0198c9f6-1c70-7a11-9d3b-5f0c2f7e9b01", "type": "encoding.finished"},
            "cause": "status",
            "status": 500,
            "link": "https://callboard.example.com/deliveries/0198c9f6-1c71-7f6d-8eca-92432aaf42e6",
        },
    ),
    "webhook.digest": SampleEvent(
        "What happened to a webhook since the last digest, at most every 15 minutes.",
        {
            "webhook": _WEBHOOK,
            "counts": {"webhook.failing": 1, "delivery.failed": 812},
            "last": "webhook.failing",
            "deliveries": ["0198c9f6-1c71-7f6d-8eca-92432aaf42e6"],
            "cause": "refused",
            "since": "2026-02-24T11:52:20.810Z",
            "link": _LINK,
        },
    ),
}
