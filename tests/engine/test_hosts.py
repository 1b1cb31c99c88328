"""One organization's requests in flight to one host are bounded, whatever its webhooks."""

from typing import Any

from app.engine.dispatcher import Dispatcher
from app.engine.hosts import Hosts, host_key, share_hosts
from app.services.accounts import quotas
from app.services.accounts.actor import SYSTEM
from app.services.events import publishing as events
from tests.services.publishing import delivery_rows, draft, webhook
from tests.support.servers.receiver import Receiver

DELAY = 0.15


def most_at_once(requests: list[Any], delay: float) -> int:
    """An upper bound: requests that arrived within `delay` of each other, since each was in flight
    for at least that long."""
    times = sorted(request.at for request in requests)
    return max(sum(start <= at < start + delay for at in times) for start in times)


def test_the_case_and_the_path_of_a_url_do_not_make_another_host() -> None:
    keys = {host_key("o", "https://A.example/x"), host_key("o", "https://user:pw@a.EXAMPLE/y")}
    assert keys == {"o a.example"}
    assert host_key("o", "https://a.example:8443/") != host_key("o", "https://a.example/")
    assert host_key("p", "https://a.example/") != host_key("o", "https://a.example/")


def test_a_damaged_url_stands_for_itself() -> None:
    assert host_key("o", "https://[::1") == "o https://[::1"


def test_the_room_of_a_host_is_divided_among_the_workers() -> None:
    hosts = Hosts(100)
    hosts.begin("h")
    assert hosts.room("h", None) == 99
    assert hosts.room("h", 10) == 9
    hosts.workers = 4
    assert hosts.room("h", None) == 24
    hosts.workers = 200
    assert hosts.room("other", None) == 1


def test_the_webhook_that_waited_longest_goes_first_when_a_request_ends() -> None:
    hosts = Hosts(2)
    hosts.begin("h")
    hosts.begin("h")
    for name in ("a", "b", "a", "c", "d"):
        hosts.wait("h", name)
    assert hosts.end("h") == ("a",)
    hosts.begin("h")
    assert hosts.end("h") == ("b",)
    assert hosts.end("h") == ("c", "d")


def test_a_full_host_is_shared_evenly_and_leaves_the_others_alone() -> None:
    demands = [("a", "full", 32), ("b", "full", 32), ("c", "free", 32), ("d", "none", 1)]
    shares = share_hosts(demands, {"full": 10, "free": 100, "none": 0})
    assert shares == {"a": 5, "b": 5, "c": 32}


def test_one_event_for_many_webhooks_of_one_host_keeps_to_the_quota(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    quotas.choose(organization.id, {"requests_per_host": 5}, SYSTEM)
    receiver.respond(delay=DELAY)
    for number in range(25):
        webhook(organization.id, url=f"{receiver.url}/{number}")
    events.publish(organization.id, draft())
    dispatcher.run(20, linger=0)
    assert {delivery.state for delivery in delivery_rows()} == {"succeeded"}
    assert most_at_once(receiver.wait_for(25), DELAY) <= 5


def test_deliveries_to_other_hosts_overtake_those_of_a_full_host(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    quotas.choose(organization.id, {"requests_per_host": 2}, SYSTEM)
    slow, fast = Receiver(), receiver
    try:
        slow.respond(delay=DELAY)
        for number in range(20):
            webhook(organization.id, url=f"{slow.url}/{number}")
        webhook(organization.id, url=fast.url)
        events.publish(organization.id, draft())
        dispatcher.run(20, linger=0)
        overtaken = [r for r in slow.wait_for(20) if r.at > fast.wait_for(1)[0].at]
        assert len(overtaken) >= 10
    finally:
        slow.close()


def test_a_raised_quota_applies_to_a_webhook_that_is_cached(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    quotas.choose(organization.id, {"requests_per_host": 1}, SYSTEM)
    webhook_id = webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    dispatcher.run(10, linger=0)
    quotas.choose(organization.id, {"requests_per_host": None}, SYSTEM)
    receiver.clear()
    receiver.respond(delay=DELAY)
    events.publish_batch(organization.id, [draft() for _ in range(8)])
    dispatcher.run(10, linger=0)
    assert most_at_once(receiver.wait_for(8), DELAY) > 1
    assert {row.webhook_id for row in delivery_rows()} == {webhook_id}


def test_hosts_are_only_looked_at_when_one_could_be_full() -> None:
    hosts = Hosts(10)
    for host in ("a", "b", "c"):
        hosts.begin(host)
    assert hosts.have_room(7)
    assert not hosts.have_room(8)
    hosts.learn(4)
    hosts.learn(None)
    assert hosts.have_room(1)
    assert not hosts.have_room(2)
    hosts.workers = 2
    assert not hosts.have_room(1)
