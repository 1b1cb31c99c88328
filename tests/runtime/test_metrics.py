"""Many values added to a histogram at once."""

import pytest
from prometheus_client import CollectorRegistry, Histogram

from app.runtime.metrics.deliveries import BatchHistogram

BUCKETS = (0.1, 1, 10)


@pytest.mark.parametrize(
    "values", [[], [0.1], [0.05, 0.1, 0.11, 1, 5, 10, 10.5, 1000], [0, 0, 0], [99, 99]]
)
def test_a_batch_adds_what_single_observations_would(values: list[float]) -> None:
    registry = CollectorRegistry()
    single = Histogram("single", "", buckets=BUCKETS, registry=registry)
    batch = BatchHistogram("batch", "", buckets=BUCKETS, registry=registry)
    for value in values:
        single.observe(value)
    batch.observe_all(values)
    for sample, labels in (
        ("sum", {}),
        ("count", {}),
        *(("bucket", {"le": le}) for le in ("0.1", "1.0", "10.0", "+Inf")),
    ):
        expected = registry.get_sample_value(f"single_{sample}", labels)
        assert registry.get_sample_value(f"batch_{sample}", labels) == pytest.approx(expected)
