"""Uploaded logos: only raster images, built anew from what a picture needs."""

import zlib

import pytest

from app.domain.common.errors import Invalid
from app.domain.portal.logos import MAX_BYTES, MAX_SIDE, check_logo

SCRIPT = b"<script>alert(1)</script>"


def png_chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def png(width: int = 2, *, more: bytes = b"", height: int = 1) -> bytes:
    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress((b"\0" + b"\x7f" * min(width, 9)) * min(height, 9))
    chunks = png_chunk(b"IHDR", header) + more + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2) + data


def jpeg(*, more: bytes = b"", width: int = 3, scan: bytes = b"\x11\xff\x00\xff\xd0\x22") -> bytes:
    frame = b"\x08" + (2).to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\x00"
    tables = segment(0xDB, b"\0" * 65) + segment(0xC4, b"\0" * 20)
    head = b"\xff\xd8" + more + tables + segment(0xC0, frame)
    return head + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + scan + b"\xff\xd9"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP"
    for name, data in chunks:
        body += name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


VP8 = (b"VP8 ", b"\0\0\0\x9d\x01\x2a\x02\x00\x03\x00" + b"\1" * 5)
LOSSLESS = (b"VP8L", b"\x2f\x01\x00\x00\x00" + b"\1" * 4)


def extended(flags: int, side: int = 1) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + (side - 1).to_bytes(3, "little") * 2


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (png(), "image/png", png()),
        (png(more=png_chunk(b"tEXt", SCRIPT)), "image/png", png()),
        (png() + SCRIPT, "image/png", png()),
        (jpeg(), "image/jpeg", jpeg()),
        (jpeg(more=segment(0xE1, SCRIPT) + segment(0xFE, SCRIPT)), "image/jpeg", jpeg()),
        (jpeg() + SCRIPT, "image/jpeg", jpeg()),
        (riff(VP8), "image/webp", riff(VP8)),
        (riff(LOSSLESS) + SCRIPT, "image/webp", riff(LOSSLESS)),
        (
            riff(extended(0x3C), VP8, (b"EXIF", SCRIPT), (b"XMP ", SCRIPT)),
            "image/webp",
            riff(extended(0x10), VP8),
        ),
    ],
)
def test_only_the_picture_is_kept(content: bytes, media_type: str, expected: bytes) -> None:
    logo = check_logo(content)
    assert (logo.media_type, logo.content) == (media_type, expected)
    # What was built is built the same again.
    assert check_logo(logo.content) == logo


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SCRIPT,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"GIF89a" + b"\0" * 20,
        png()[:-6],
        png().replace(b"IDAT", b"IDAS"),
        png(MAX_SIDE + 1),
        png(0),
        png(height=1 << 31),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b""),
        jpeg()[:-2],
        jpeg()[:40],
        jpeg(width=MAX_SIDE + 1),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + SCRIPT,
        riff(),
        riff(VP8)[:-3],
        riff(VP8, VP8),
        riff(extended(0x02), VP8),
        riff(extended(0, MAX_SIDE + 1), VP8),
        riff((b"VP8L", b"")),
        png() + b"\0" * MAX_BYTES,
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        check_logo(content)
    [error] = refused.value.errors
    assert (error.field, bool(error.problem), "PNG" in error.remedy) == ("logo", True, True)


@pytest.mark.parametrize("content", [png(), jpeg(), riff(extended(0x10), VP8)])
def test_no_cut_or_changed_byte_breaks_the_check(content: bytes) -> None:
    broken = [content[:end] for end in range(len(content))]
    broken += [content[:at] + b"\xff" + content[at + 1 :] for at in range(len(content))]
    for each in broken:
        try:
            check_logo(each)
        except Invalid:
            continue
