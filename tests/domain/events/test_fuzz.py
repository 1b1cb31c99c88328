import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.common.errors import Invalid, Malformed
from app.domain.events.input import parse_batch, parse_event

MIB = 1 << 20

names = st.sampled_from(
    [
        "type",
        "payload",
        "source",
        "occurred_at",
        "id",
        "callback",
        "callback_preset",
        "merge",
        "ordering_key",
        "events",
        "find",
        "replace",
        "other",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["a.b", "2020-02-24T11:52:20Z", "https://a.de/{{A}}", "asset", "A"])
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=9),
    max_leaves=30,
)


@settings(deadline=None)
@given(documents | st.dictionaries(names, documents, max_size=9), st.none() | st.text(max_size=3))
def test_arbitrary_documents_raise_only_our_own_errors(document, key):
    raw = json.dumps(document).encode()
    for body in (raw, b'{"events":[' + raw + b"]}"):
        with contextlib.suppress(Malformed, Invalid):
            draft = parse_event(body, max_bytes=MIB, idempotency_key=key)
            assert draft.payload in body
        with contextlib.suppress(Malformed, Invalid):
            parse_batch(body, max_event_bytes=MIB)
