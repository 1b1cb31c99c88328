import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select
from sqlalchemy.orm import Session

from callboard import CallboardError
from callboard.outbox import Outbox, Relay

METADATA = MetaData()
VIDEOS = Table("videos", METADATA, Column("id", Integer, primary_key=True))
OUTBOX = Outbox(METADATA)
RELAY = """
import sys
from callboard import Callboard
from callboard.outbox import Outbox, Relay
from sqlalchemy import MetaData, create_engine

Relay(create_engine(sys.argv[1]), Outbox(MetaData()), Callboard(sys.argv[2], "k")).run_once()
"""


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'producer.db'}")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def relay(engine, client):
    return Relay(engine, OUTBOX, client)


def count(engine, table=OUTBOX.table):
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def add(engine, *types):
    with Session(engine) as session, session.begin():
        return [OUTBOX.add(session, event_type, {}) for event_type in types]


def posted(server):
    return [e for request in server.requests for e in request.json()["events"]]


def test_an_event_is_written_in_the_producers_transaction(engine, server, relay, accepting):
    server.respond = accepting
    with engine.begin() as connection:
        connection.execute(insert(VIDEOS).values(id=1))
        OUTBOX.add(connection, "video.created", {"id": 1}, source="v-1")
    assert relay.run_once().accepted == 1
    assert [(e["type"], e["source"]) for e in posted(server)] == [("video.created", "v-1")]
    assert count(engine) == 0


def test_events_of_a_rolled_back_transaction_are_not_posted(engine, server, relay):
    with Session(engine) as session:
        OUTBOX.add(session, "video.created", {})
        session.rollback()
    assert relay.run_once().is_empty
    assert server.requests == []


def test_events_are_posted_in_the_order_of_writing(engine, server, relay, accepting):
    server.respond = accepting
    ids = add(engine, "a", "b", "c")
    relay.run_once()
    assert [event["id"] for event in posted(server)] == ids


def test_an_event_is_kept_until_it_is_accepted(engine, server, relay, accepting, Response):
    server.responds_with(Response(502))
    add(engine, "a")
    with pytest.raises(CallboardError):
        relay.run_once()
    assert count(engine) == 1
    server.respond = accepting
    assert relay.run_once().accepted == 1


def test_after_a_crash_the_event_is_posted_under_the_same_id(engine, server, client, accepting):
    """The relay is killed after its request was accepted, before it deletes the row."""
    [event_id] = add(engine, "a")

    def kill(request):
        process.kill()
        process.wait()
        return accepting(request)

    server.respond = kill
    arguments = [sys.executable, "-c", RELAY, str(engine.url), server.url]
    process = subprocess.Popen(arguments)
    assert process.wait(30) == -signal.SIGKILL
    assert count(engine) == 1
    server.respond = accepting
    assert Relay(engine, OUTBOX, client).run_once().is_empty, "its lease has not ended"
    assert Relay(engine, OUTBOX, client, now=lambda: time.time() + 301).run_once().accepted == 1
    assert [event["id"] for event in posted(server)] == [event_id, event_id]
    assert count(engine) == 0


def test_a_rejected_event_stays_with_its_reason_and_the_others_are_posted(
    engine, server, relay, accepting, problem
):
    def respond(request):
        types = [event["type"] for event in request.json()["events"]]
        if "bad" in types:
            index = types.index("bad")
            return problem(409, "conflict", f"events[{index}]: The id was used before.")
        return accepting(request)

    server.respond = respond
    add(engine, "a", "bad", "c")
    result = relay.run_once()
    assert (result.accepted, result.refused) == (2, 1)
    with engine.connect() as connection:
        refusals = connection.scalars(select(OUTBOX.table.c.refusal)).all()
    assert ["The id was used before." in refusal for refusal in refusals] == [True]
    assert relay.run_once().is_empty
    assert relay.retry_refused() == 1
    assert relay.run_once().refused == 1


def test_a_key_without_the_scope_rejects_no_event(engine, server, relay, problem):
    server.responds_with(problem(403, "forbidden", "No."))
    add(engine, "a")
    with pytest.raises(CallboardError):
        relay.run_once()
    server.responds_with(problem(401, "unauthorized", "No."))
    with pytest.raises(CallboardError):
        relay.run_once()


def test_two_relays_post_each_event_once(engine, server, client, accepting):
    server.respond = accepting
    add(engine, *["a"] * 60)
    stop = threading.Event()
    relays = [Relay(engine, OUTBOX, client, batch_size=5) for _ in range(2)]
    threads = [threading.Thread(target=relay.run, args=(stop, 0.01)) for relay in relays]
    for thread in threads:
        thread.start()
    while count(engine):
        stop.wait(0.01)
    stop.set()
    for thread in threads:
        thread.join(5)
    ids = [event["id"] for event in posted(server)]
    assert len(ids) == len(set(ids)) == 60


def test_the_relay_continues_after_an_outage(engine, server, relay, accepting, Response):
    add(engine, "a")
    stop = threading.Event()
    failures = iter([Response(502)] * 4)

    def respond(request):
        failure = next(failures, None)
        if failure is None:
            stop.set()
        return failure or accepting(request)

    server.respond = respond
    relay.run(stop, idle_seconds=0.01)
    assert count(engine) == 0
