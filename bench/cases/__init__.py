"""The cases, in the order of a full run."""

from bench.cases.costs import COSTS
from bench.cases.crowd import CROWD
from bench.cases.drain import DRAIN, HANGING, SLOW
from bench.cases.dripping import DRIPPERS
from bench.cases.everyday import ACCEPTED, BACKLOGGED, EVERYDAY
from bench.cases.http_client import HTTP_CLIENT
from bench.cases.idle import IDLE
from bench.cases.ingest import BATCHES, LATENCY, ONE_BY_ONE, TOGETHER
from bench.cases.memory import MEMORY
from bench.cases.names import NAMES
from bench.cases.neighbour import NEIGHBOUR
from bench.cases.processes import PROCESSES
from bench.cases.restart import RESTART
from bench.cases.stopped import STOPPED
from bench.cases.stored import STORED
from bench.cases.waiting import BESIDE_BACKLOG

CASES = (
    HTTP_CLIENT,
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
    BESIDE_BACKLOG,
    DRIPPERS,
    COSTS,
    EVERYDAY,
    BACKLOGGED,
    ACCEPTED,
)

# Earlier names of cases.
ALIASES = {"wire": HTTP_CLIENT.name}
