"""Which values of a payload are ids of the producer's own objects."""

import json
from typing import Any

import pytest

from app.domain.common.ids import first_id_of
from app.domain.event_types.samples import PRESET_SAMPLES
from app.domain.events.search_values import (
    MAX_FIELDS,
    MAX_LENGTH,
    MAX_VALUES,
    hashes,
    hour_of,
    number_of,
    search_values,
    searched_value,
    values_of,
)
from app.store.event_values import packed_rows

UUID = "9328558d-e0a5-4093-b3b9-8f15ad1550d8"


@pytest.mark.parametrize(
    ("event_type", "values"),
    [
        ("transcoding.finished", ["1"]),
        ("channel_live", ["5201198"]),
        ("asset.status_changed", [UUID]),
        ("render.done", ["6d7acbe6-e7c1-4cf8-b8ea-94e7522878cc", "5ca6hu7s9k"]),
        (
            "encoding.finished",
            ["5ad1b5d2-1f0e-4a53-9a86-0a1f7e5f6e21", "c0d3b6a4-7c52-4a6e-9a43-6d3b4d1f2a10"],
        ),
    ],
)
def test_the_samples_of_the_five_dialects_have_their_ids(
    event_type: str, values: list[str]
) -> None:
    assert list(search_values(PRESET_SAMPLES[event_type].payload)) == values


@pytest.mark.parametrize(
    ("payload", "values"),
    [
        # The key says that it is an id: any word, and whole numbers.
        ({"id": "a"}, ["a"]),
        ({"assetId": "Trailer"}, ["trailer"]),
        ({"external-key": "news"}, ["news"]),
        ({"JOB_ID": 42}, ["42"]),
        ({"asset": "clip-7"}, ["clip-7"]),
        ({"channels": ["one", 2]}, ["one", "2"]),
        ({"asset_ids": ["a-1", "a-2"]}, ["a-1", "a-2"]),
        ({"id": 2**63}, []),
        ({"id": True}, []),
        ({"id": 1.5}, []),
        ({"id": None}, []),
        ({"id": ""}, []),
        ({"id": "two words"}, []),
        ({"id": "line\nbreak"}, []),
        ({"id": "https://example.com/7"}, []),
        ({"id": "x" * MAX_LENGTH}, ["x" * MAX_LENGTH]),
        ({"id": "x" * (MAX_LENGTH + 1)}, []),
        # Any other key: letters and digits.
        ({"item": UUID.upper()}, [UUID]),
        ({"ref": "PO_2024"}, ["po_2024"]),
        ({"label": "job-2024-7"}, ["job-2024-7"]),
        ({"label": "short7"}, []),
        ({"label": "lettersonly"}, []),
        ({"label": "1234567890"}, []),
        ({"count": 1234567890}, []),
        ({"created": "2026-02-24T11:52:20.810Z"}, []),
        ({"day": "2026-02-24"}, []),
        ({"size": "1920x1080"}, []),
        ({"kind": "video/mp4-v2"}, []),
        ({"qualities": "1080p,720p"}, []),
        ({"email": "person7@example.com"}, []),
        ({"url": "https://example.com/asset-7"}, []),
        ({"labels": ["job-2024-7"]}, []),
        # Never a credential.
        ({"api_key": "ck_12345678"}, []),
        ({"secret_id": "s-12345678"}, []),
        ({"access_token": "t-12345678"}, []),
        # The top two levels.
        ({"asset": {"id": "a-1", "name": "x"}}, ["a-1"]),
        ({"video": {"source": {"id": "a-1"}}}, []),
        ({"assets": [{"id": "a-1"}]}, []),
        # Each once, in its order.
        ({"id": "B", "job": {"id": "a"}, "media_id": "b"}, ["b", "a"]),
        ({}, []),
        ({"": "", "_": "a-12345678"}, ["a-12345678"]),
    ],
)
def test_a_value_that_looks_like_an_id_is_found(payload: dict[str, Any], values: list[str]) -> None:
    assert list(search_values(payload)) == values
    assert list(values_of(json.dumps(payload).encode())) == values


@pytest.mark.parametrize(
    "payload",
    [
        {"asset_ids": [f"a-{n}" for n in range(1000)]},
        {f"key_{n}_id": f"a-{n}" for n in range(1000)},
        {f"group{n}": {"id": f"a-{n}", "job_id": f"b-{n}"} for n in range(1000)},
    ],
)
def test_an_event_has_a_bounded_number_of_values(payload: dict[str, Any]) -> None:
    assert len(search_values(payload)) == MAX_VALUES


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"\xff", b"1" * 5000])
def test_a_payload_that_is_no_object_has_no_values(payload: bytes) -> None:
    assert values_of(payload) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Asset-7 ", "asset-7"),
        ("42", "42"),
        ("%_*", "%_*"),
        ("", None),
        ("two words", None),
        ("a\0b", None),
        ("https://example.com", None),
        ("x" * (MAX_LENGTH + 1), None),
    ],
)
def test_a_search_is_for_a_value_as_it_is_indexed(text: str, value: str | None) -> None:
    assert searched_value(text) == value


def test_two_organizations_have_different_hashes_of_a_value() -> None:
    first, second = (hashes(first_id_of(n), ["a-1", "a-2"]) for n in (1, 2))
    assert len({*first, *second}) == 4
    assert hashes(first_id_of(1), ["a-1", "a-2"]) == first
    assert all(-(2**63) <= number_of(hash_) < 2**63 for hash_ in first)


def test_the_hour_of_an_event_is_that_of_its_id() -> None:
    assert hour_of(first_id_of(7 * 3_600_000 + 3_599_999)) == 7


@pytest.mark.parametrize(
    "payload",
    [
        {f"k{n}_id": "a" for n in range(MAX_FIELDS)} | {"last_id": "found"},
        {"fields": {f"k{n}": "a" for n in range(MAX_FIELDS)}, "more": {"last_id": "found"}},
        {f"k{n}": {} for n in range(MAX_FIELDS)} | {"more": {"last_id": "found"}},
    ],
    ids=["fields", "nested", "objects"],
)
def test_only_so_many_fields_are_looked_at(payload: dict[str, Any]) -> None:
    assert "found" not in search_values(payload)


def test_two_values_with_one_hash_are_one_row() -> None:
    id_ = first_id_of(0)
    assert len(packed_rows(id_, [b"12345678", b"12345678"])) == 1
