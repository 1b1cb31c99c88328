"""The cases, in the order in which they are run."""

from bench.cases.drain import DRAIN, HANGING, SLOW
from bench.cases.ingest import BATCHES, LATENCY, ONE_BY_ONE, TOGETHER
from bench.cases.neighbour import NEIGHBOUR
from bench.cases.processes import PROCESSES
from bench.cases.wire import WIRE

CASES = (
    WIRE,
    DRAIN,
    HANGING,
    SLOW,
    ONE_BY_ONE,
    BATCHES,
    LATENCY,
    TOGETHER,
    NEIGHBOUR,
    PROCESSES,
)
