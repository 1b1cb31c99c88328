"""The example producer posts events during a real encoding with ffmpeg."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.examples.conftest import Run, Served

pytestmark = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed.")


def _events(served: Served) -> list[dict[str, Any]]:
    """The posted events in order, with payloads."""

    def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {served.key}"}
        return requests.get(f"{served.url}/api/v1/events{path}", headers=headers, timeout=45).json()

    return [get(f"/{row['id']}") for row in reversed(get("")["data"])]


def test_an_encoding_posts_events_as_it_proceeds(run: Run, served: Served, tmp_path: Path) -> None:
    done = run("producer.py", "--seconds", "3", "--qualities", "144p,240p", "--title", "Clock")
    assert done.returncode == 0, done.stderr
    events = _events(served)
    assert [event["type"] for event in events] == [
        "file.received",
        "encoding.started",
        "thumbnails.finished",
        "partial.finished",
        "partial.finished",
        "encoding.finished",
        "transcoding.finished",
    ]
    media_id = events[0]["source"]
    assert {event["source"] for event in events} == {media_id}
    assert [events[n]["payload"]["qualities"] for n in (3, 4, 5)] == ["144p", "240p", "144p,240p"]
    assert events[5]["payload"] == {
        "media_id": media_id,
        "media_type": "video",
        "qualities": "144p,240p",
        "title": "Clock",
        "status": "done",
        "user_id": "example-user",
    }


def test_the_links_in_the_callbacks_lead_to_the_created_files(
    run: Run, served: Served, tmp_path: Path
) -> None:
    base = "http://cdn.test:9100"
    arguments = ("--seconds", "3", "--qualities", "144p", "--out", "out", "--public-url", base)
    assert run("producer.py", *arguments).returncode == 0
    callbacks = {
        event["payload"]["callback_format"]: event["payload"]["callback_value"]
        for event in _events(served)
        if "callback_format" in event["payload"]
    }
    assert len(callbacks["image"]) == 3
    images = [Path(str(tmp_path / "out") + link.removeprefix(base)) for link in callbacks["image"]]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in images)
    playlist = Path(str(tmp_path / "out") + callbacks["video"].removeprefix(base))
    assert "144p/index.m3u8" in playlist.read_text()
    rendition = (playlist.parent / "144p" / "index.m3u8").read_text()
    assert rendition.count("#EXTINF") == 2
    assert "segment000.ts" in rendition


def test_a_file_that_ffmpeg_cannot_read_fails_the_encoding(
    run: Run, served: Served, tmp_path: Path
) -> None:
    (tmp_path / "no-video.mp4").write_text("This is a text.")
    done = run("producer.py", "--video", "no-video.mp4")
    assert done.returncode == 1
    events = _events(served)
    assert [event["type"] for event in events] == [
        "file.received",
        "encoding.started",
        "encoding.failed",
    ]
    assert events[-1]["payload"]["status"] == "fail"
    assert "Invalid data found" in events[-1]["payload"]["error"]


def test_an_invalid_key_is_reported_immediately(run: Run) -> None:
    done = run("producer.py", "--seconds", "1", CALLBOARD_API_KEY="cb_nothing")
    assert done.returncode == 1
    assert "Callboard refused the event (401)" in done.stderr
