"""Check an uploaded logo, and build it anew from the parts that a picture needs.

What else a file may carry (metadata, thumbnails, animation, anything after its end) is left out, so
that only a raster image of a known format is served. Vector images, which can run scripts, are
refused like any other file.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from app.domain.common.errors import invalid

MAX_BYTES, MAX_SIDE = 256 << 10, 2_000
_REMEDY = f"Use a PNG, JPEG or WebP image of at most 256 KiB and {MAX_SIDE:,} pixels a side."
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"})
_START_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_SCAN, _END, _ADOBE = 0xDA, 0xD9, 0xEE
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_ANIMATED, _ALPHA = 0x02, 0x10


@dataclass(frozen=True, slots=True)
class Logo:
    media_type: str
    content: bytes


def check_logo(content: bytes, field: str = "logo") -> Logo:
    """Invalid: not such an image, damaged, or too large."""
    if not content:
        raise invalid(field, "required", "No file was chosen.", _REMEDY)
    if len(content) > MAX_BYTES:
        raise invalid(field, "length", "It is too large.", _REMEDY)
    for media_type, is_one, rebuild in _FORMATS:
        if is_one(content):
            try:
                return Logo(media_type, rebuild(content))
            except (IndexError, ValueError) as error:
                problem = str(error) if isinstance(error, _Refused) else "The image is damaged."
                raise invalid(field, "format", problem, _REMEDY) from error
    raise invalid(field, "format", "This is no PNG, JPEG or WebP image.", _REMEDY)


class _Refused(ValueError):
    """With a sentence."""


def _damaged() -> NoReturn:
    raise ValueError


def _check_sides(width: int, height: int) -> None:
    if not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE:
        raise _Refused(f"It has {width:,} by {height:,} pixels.")


def _png(content: bytes) -> bytes:
    kept = [_PNG]
    names: list[bytes] = []
    at = len(_PNG)
    while not names or names[-1] != b"IEND":
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        whole = content[at : at + 12 + length]
        if len(whole) < 12 + length or zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
            _damaged()
        if not names:
            if name != b"IHDR" or length != 13:
                _damaged()
            _check_sides(int.from_bytes(whole[8:12]), int.from_bytes(whole[12:16]))
        if name in _PNG_KEPT:
            kept.append(whole)
        names.append(name)
        at += 12 + length
    if b"IDAT" not in names or names.count(b"IHDR") != 1:
        _damaged()
    return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    kept, at, frames, scans = [_JPEG], 2, 0, 0
    while True:
        if content[at] != 0xFF:
            _damaged()
        marker = content[at + 1]
        if marker == _END:
            break
        length = int.from_bytes(content[at + 2 : at + 4])
        segment = content[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            _damaged()
        at += 2 + length
        if marker in _START_OF_FRAME:
            _check_sides(int.from_bytes(segment[7:9]), int.from_bytes(segment[5:7]))
            frames += 1
        elif marker == _SCAN:
            end = _end_of_scan(content, at)
            segment += content[at:end]
            at, scans = end, scans + 1
        elif marker not in _TABLES and not _is_adobe(marker, segment):
            continue
        kept.append(segment)
    if frames != 1 or not scans:
        _damaged()
    return b"".join([*kept, b"\xff\xd9"])


def _is_adobe(marker: int, segment: bytes) -> bool:
    """It says how the colours are coded."""
    return marker == _ADOBE and segment[4:9] == b"Adobe" and len(segment) == 16


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment starts. Within a scan 0xFF is followed by 0, or restarts it."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        else:
            return at


def _webp(content: bytes) -> bytes:
    kept = [(name, _webp_chunk(name, data)) for name, data in _riff(content) if name in _WEBP_KEPT]
    names = [name for name, _ in kept]
    if names.count(b"VP8 ") + names.count(b"VP8L") != 1 or names.count(b"VP8X") > 1:
        _damaged()
    chunks = [
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
        for name, data in kept
    ]
    body = b"".join([b"WEBP", *chunks])
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _webp_chunk(name: bytes, data: bytes) -> bytes:
    """The chunk without what announces parts that are left out."""
    if name == b"VP8X":
        if len(data) != 10:
            _damaged()
        if data[0] & _ANIMATED:
            raise _Refused("It is animated.")
        _check_sides(*(int.from_bytes(side, "little") + 1 for side in (data[4:7], data[7:10])))
        return bytes([data[0] & _ALPHA]) + data[1:]
    if name == b"VP8 ":
        if data[3:6] != b"\x9d\x01\x2a":
            _damaged()
        _check_sides(*(int.from_bytes(side, "little") & 0x3FFF for side in (data[6:8], data[8:10])))
    elif name == b"VP8L":
        if data[0] != 0x2F:
            _damaged()
        bits = int.from_bytes(data[1:5], "little")
        _check_sides((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return data


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks with their names."""
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        _damaged()
    at = 12
    while at < end:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        data = content[at + 8 : at + 8 + length]
        if at + 8 + length > end or len(data) < length:
            _damaged()
        yield content[at : at + 4], data
        at += 8 + length + length % 2


_FORMATS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], bytes]], ...] = (
    ("image/png", lambda content: content.startswith(_PNG), _png),
    ("image/jpeg", lambda content: content.startswith(_JPEG), _jpeg),
    ("image/webp", lambda content: content[:4] + content[8:12] == b"RIFFWEBP", _webp),
)
