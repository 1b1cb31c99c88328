"""The first steps as pages show them."""

from dataclasses import dataclass

from app.models import Organization
from app.queries import first_steps as queries
from app.queries.first_steps import Progress
from app.services.first_steps.service import inbox_prefix
from app.web.common.access import auth


@dataclass(frozen=True, slots=True)
class Step:
    """anchor: of its section on the page of the first steps. words: what is done or to be done."""

    anchor: str
    title: str
    words: str
    done: bool


@dataclass(frozen=True, slots=True)
class Steps:
    progress: Progress
    items: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.items)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.items)


def steps_of(organization: Organization) -> Steps:
    """Portal visitors have no API keys, and so no step for one."""
    progress = queries.progress(organization.id, inbox_prefix())
    items = [_sample(progress), *([] if _is_visit() else [_call(progress)]), _receiver(progress)]
    return Steps(progress, tuple(items))


def _is_visit() -> bool:
    signed_in = auth.current()
    return signed_in is not None and signed_in.user is None


def _sample(progress: Progress) -> Step:
    # With a delivery to a receiver, there is no need to try a test inbox.
    done = progress.sample or progress.delivered
    words = "A request has arrived." if done else "A test inbox receives it; no receiver needed."
    return Step("sample", "See a sample event arrive", words, done)


def _call(progress: Progress) -> Step:
    words = "An API key was used." if progress.called else "With an API key and one HTTP request."
    return Step("post", "Post an event from your application", words, progress.called)


def _receiver(progress: Progress) -> Step:
    if progress.delivered:
        words = "It has accepted a delivery."
    elif progress.receiver is not None:
        words = "The webhook exists; no delivery has succeeded yet."
    else:
        words = "Enter its URL, and a sample event is sent to it."
    return Step("receiver", "Deliver to your own receiver", words, progress.delivered)
