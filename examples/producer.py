#!/usr/bin/env python3
"""An example producer: a real transcoder that posts events while it works.

    python3 examples/producer.py --key cb_...                  # encodes a test picture
    python3 examples/producer.py --key cb_... --video film.mp4

ffmpeg cuts the video into HLS, one rendition after the other, and extracts thumbnails. Each step
posts an event: file.received, encoding.started, partial.finished for each quality,
encoding.finished or encoding.failed; and transcoding.finished and thumbnails.finished, whose
payloads suit form callbacks: the playlist's URL, the thumbnails' URLs. Requires Python and ffmpeg.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TRIES = 6
KBITS = {"1080p": 5000, "720p": 2800, "480p": 1400, "360p": 800, "240p": 400, "144p": 150}
THUMBNAILS = 3


class EncodingFailed(Exception):
    """The message is the last line of ffmpeg's output."""


class Callboard:
    """Posts events of one video."""

    def __init__(self, url: str, key: str, media_id: str) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/events"
        self._key = key
        self._media_id = media_id
        self._count = 0

    def post(self, event_type: str, payload: dict[str, Any]) -> None:
        """Return once the event is stored. Retries while Callboard is unreachable; the event's id
        makes repeats harmless."""
        self._count += 1
        event = {
            "id": f"{self._media_id}.{self._count}",
            "type": event_type,
            "source": self._media_id,
            # Webhooks with ordered delivery get the events of one video in order.
            "ordering_key": self._media_id,
            "payload": payload,
        }
        accepted = self._send(json.dumps(event).encode())
        deliveries = f"deliveries: {len(accepted['deliveries'])}"
        print(f"{event_type:20}  accepted as {accepted['id']}, {deliveries}", flush=True)

    def _send(self, body: bytes) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url, body, headers)
        for attempt in range(1, TRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    accepted: dict[str, Any] = json.load(response)
                    return accepted
            except urllib.error.HTTPError as error:
                if error.code != 429 and error.code < 500:
                    sys.exit(f"Callboard refused the event ({error.code}): {error.read().decode()}")
                trouble, wait = f"status {error.code}", error.headers.get("Retry-After", "")
            except OSError as error:
                trouble, wait = str(error), ""
            if attempt < TRIES:
                time.sleep(float(wait) if wait.isdecimal() else 0.5 * 2**attempt)
        sys.exit(f"Callboard did not accept the event in {TRIES} attempts: {trouble}")


def ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise EncodingFailed(lines[-1])


def make_video(path: Path, seconds: float) -> None:
    """A test picture with a clock, and a tone."""
    picture = f"testsrc2=size=1280x720:rate=25:duration={seconds}"
    tone = f"sine=frequency=440:duration={seconds}"
    kinds = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *kinds, str(path))


def encode(video: Path, folder: Path, quality: str) -> None:
    """One rendition: a playlist and its segments of 2 s."""
    rate = KBITS[quality]
    folder.mkdir(parents=True)
    ffmpeg(
        *("-i", str(video), "-vf", f"scale=-2:{quality.rstrip('p')}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"),
        *("-b:v", f"{rate}k", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"),
        *("-force_key_frames", "expr:gte(t,n_forced*2)", "-c:a", "aac", "-b:a", "96k"),
        *("-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod"),
        *("-hls_segment_filename", str(folder / "segment%03d.ts"), str(folder / "index.m3u8")),
    )


def take_thumbnails(video: Path, folder: Path) -> list[str]:
    """Extract thumbnails and return their file names."""
    each = f"thumbnail=10,scale=320:-2,select='lt(n,{THUMBNAILS})'"
    pattern = str(folder / "thumbnail%d.png")
    ffmpeg("-i", str(video), "-vf", each, "-vsync", "vfr", "-frames:v", str(THUMBNAILS), pattern)
    return sorted(path.name for path in folder.glob("thumbnail*.png"))


def write_playlist(folder: Path, qualities: list[str]) -> str:
    """Write the master playlist and return its file name."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for quality in qualities:
        lines.append(f"#EXT-X-STREAM-INF:BANDWIDTH={(KBITS[quality] + 96) * 1100},NAME={quality}")
        lines.append(f"{quality}/index.m3u8")
    (folder / "playlist.m3u8").write_text("\n".join(lines) + "\n")
    return "playlist.m3u8"


def produce(options: argparse.Namespace) -> bool:
    """Encode one video and post its events; whether the encoding succeeded."""
    media_id = str(uuid.uuid4())
    folder: Path = options.out / media_id
    address = f"{options.public_url.rstrip('/')}/{media_id}"
    callboard = Callboard(options.url, options.key, media_id)
    qualities: list[str] = options.qualities

    def media(status: str, done: list[str], **more: str) -> dict[str, Any]:
        about = {"media_id": media_id, "media_type": "video", "qualities": ",".join(done)}
        return about | {"title": options.title, "status": status, "user_id": options.user} | more

    def callback(value: str | list[str], kind: str) -> dict[str, Any]:
        return {"callback_id": media_id, "callback_value": value, "callback_format": kind}

    folder.mkdir(parents=True)
    try:
        video = options.video or folder / "source.mp4"
        if options.video is None:
            make_video(video, options.seconds)
        callboard.post("file.received", media("transcoding", qualities))
        callboard.post("encoding.started", media("transcoding", qualities))
        names = take_thumbnails(video, folder)
        links = [f"{address}/{name}" for name in names]
        callboard.post("thumbnails.finished", callback(links, "image"))
        for quality in qualities:
            encode(video, folder / quality, quality)
            callboard.post("partial.finished", media("transcoding", [quality]))
        playlist = write_playlist(folder, qualities)
    except EncodingFailed as error:
        callboard.post("encoding.failed", media("fail", qualities, error=str(error)))
        return False
    callboard.post("encoding.finished", media("done", qualities))
    callboard.post("transcoding.finished", callback(f"{address}/{playlist}", "video"))
    print(f"\nThe video is in {folder}, to be served as {address}/{playlist}")
    return True


def serve(folder: Path, public_url: str) -> None:
    """Serve the folder until Ctrl-C, so that the links in the events work."""
    port = urlsplit(public_url).port or 80
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    print(f"Serving it on port {port} - stop with Ctrl-C.", flush=True)
    try:
        ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")


def qualities(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in KBITS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(KBITS)}")
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add, environ = parser.add_argument, os.environ
    url, key = (
        environ.get("CALLBOARD_URL", "http://127.0.0.1:8000"),
        environ.get("CALLBOARD_API_KEY"),
    )
    add("--key", default=key, help="API key with events:write, or CALLBOARD_API_KEY")
    add("--url", default=url, help="URL of Callboard, or CALLBOARD_URL (http://127.0.0.1:8000)")
    add("--video", type=Path, help="the video to encode; default: a test picture")
    add("--seconds", type=float, default=12, help="length of the test picture (12)")
    add("--title", default="A test picture", help="the video's title")
    add("--user", default="example-user", help="user_id in the events")
    add("--qualities", type=qualities, default=["360p", "480p", "720p"], help="360p,480p,720p")
    add("--out", type=Path, default=Path("encoded"), help="output folder (encoded)")
    add("--public-url", default="http://127.0.0.1:9100", help="URL of that folder in events")
    add("--serve", action="store_true", help="serve the folder there afterwards")
    options = parser.parse_args()
    if not options.key:
        parser.error("give --key, or set CALLBOARD_API_KEY")
    return options


def main() -> int:
    if not shutil.which("ffmpeg"):
        sys.exit("This example needs ffmpeg: apt-get install ffmpeg, brew install ffmpeg ...")
    options = arguments()
    succeeded = produce(options)
    if succeeded and options.serve:
        serve(options.out, options.public_url)
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
