"""What RQ runs. One job carries no delivery: it has a worker look at the ledger."""

from functools import cache

from flask import Flask

from app.core import create_core
from app.services import counting
from app.services.chores import Chore, do_due

# In the order of their urgency.
CHORES: tuple[Chore, ...] = (counting.COUNTING, counting.PRUNING)
# Deliveries wait meanwhile.
_CHORES_SECONDS = 0.1


@cache
def application() -> Flask:
    """This process's own. A record of a worker that is lost in a crash is an attempt repeated."""
    return create_core(durable=False)


def do_chores() -> None:
    """Those that are due, as far as a moment goes."""
    with application().app_context():
        do_due(CHORES, _CHORES_SECONDS)
