"""The cases, in the order in which they are run."""

from bench.cases.costs import COSTS
from bench.cases.crowd import CROWD
from bench.cases.drain import DRAIN, HANGING, SLOW
from bench.cases.idle import IDLE
from bench.cases.ingest import BATCHES, LATENCY, ONE_BY_ONE, TOGETHER
from bench.cases.memory import MEMORY
from bench.cases.names import NAMES
from bench.cases.neighbour import NEIGHBOUR
from bench.cases.processes import PROCESSES
from bench.cases.restart import RESTART
from bench.cases.stopped import STOPPED
from bench.cases.stored import STORED
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
    STORED,
    MEMORY,
    IDLE,
    RESTART,
    NAMES,
    CROWD,
    STOPPED,
    COSTS,
)
