"""The cases, in the order in which they are run."""

from bench.cases.drain import DRAIN, HANGING, SLOW
from bench.cases.ingest import BATCHES, LATENCY, ONE_BY_ONE, TOGETHER

CASES = (DRAIN, HANGING, SLOW, ONE_BY_ONE, BATCHES, LATENCY, TOGETHER)
