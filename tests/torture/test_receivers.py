"""Receivers that kill their process, hang, lose their session or fail: each ends as a dead letter, the others go on."""

import json
import signal
import time

from torture.bench import until
from torture.findings import Receiver

#: Behind the death of a worker: the next one starts, looks who is gone, and takes over.
TAKEOVER_SECONDS = 5

DEAD = "select count(*) from heliograph_delivery where state = 'dead'"
OPEN_TRANSACTIONS = (
    "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
)
DONE = "select count(*) from workshop_effect where receiver = 'scripted'"


def send(bench, *events):
    """Send events, each of a token and a key, in transactions of their own."""
    bench.python(
        f"from workshop.models import Counter\nfrom workshop.signals import send_alone\n"
        f"for token, key in {events!r}:\n"
        f"    if key: Counter.objects.get_or_create(key=key)\n"
        f"    send_alone(token, key)"
    )


def dead_letters(bench):
    """The dead letters of the scripted receiver: by token, the kills, the attempts and the types of the errors."""
    found = bench.rows(
        "select event.payload, delivery.kills, delivery.attempts, delivery.errors from heliograph_delivery delivery "
        "join heliograph_event event on event.id = delivery.event_id where delivery.state = 'dead'"
    )
    return {
        payload_of(payload)["token"]: (
            kills,
            attempts,
            [error["type"].rpartition(".")[2] for error in json.loads(errors)],
        )
        for payload, kills, attempts, errors in found
    }


def payload_of(stored):
    return stored if isinstance(stored, dict) else json.loads(stored)


def test_a_receiver_that_kills_its_process_at_one_event(new_bench):
    bench = new_bench(crew="scripted")
    send(bench, ("a 1", "a"), ("kill a 2", "a"), ("a 3", "a"), ("b 1", "b"), ("loose", None))
    ticking = bench.start("-m", "workshop.ticking", "other")
    worker, deaths = bench.worker(), 0

    def keep_working():
        nonlocal worker, deaths
        if worker.poll() is not None:
            worker, deaths = bench.worker(), deaths + 1
        return bench.value(DEAD)

    until(keep_working, lambda dead: dead == 1, "the event is given up")
    bench.wait_for("select count(*) from workshop_effect where receiver = 'scripted' and token = 'a 3'", lambda n: n)
    ticking.stdout.read(1)  # it has ticked long enough
    ticking.kill()
    bench.drain("--threads", "2")
    assert dead_letters(bench) == {"kill a 2": (3, 0, ["DiedError"] * 3)}
    assert deaths == 4, "the first death blames nobody, the third blame is the last"
    findings = bench.findings({"scripted": Receiver(), "patient": Receiver()})
    assert findings.lost == ["scripted: kill a 2"]
    assert not findings.doubled
    assert not findings.out_of_order
    waits = bench.rows("select token, at from workshop_effect where receiver = 'scripted' and token like 'tick %'")
    longest = max(at - float(token.split()[1]) for token, at in waits)
    print(f"{deaths} deaths; of {len(waits)} events of other keys the slowest came after {longest:.1f} s")
    assert longest < TAKEOVER_SECONDS


def test_receivers_that_hang_or_lose_their_session(new_bench):
    bench = new_bench(crew="scripted")
    # Failures next to each other: a later one undoes nothing of what was held behind an earlier one.
    troubles = {f"fail {number}": (0, 2, ["ValueError"] * 2) for number in range(3)}
    troubles["hang 1"] = (0, 2, ["TimedOutError"] * 2)
    if bench.is_postgresql:
        troubles["sleep 1"] = (0, 2, ["TimedOutError"] * 2)
        troubles["terminate 1"] = (3, 0, ["DisconnectedError"] * 3)
        troubles["catch 1"] = (3, 0, ["DisconnectedError"] * 3)
    behind = [(f"behind {token}", token) for token in troubles]
    events = [event for each in behind for event in ((each[1], each[1]), each)]
    others = [(f"other {number}", f"other {number % 3}") for number in range(30)]
    worker = bench.worker("--threads", "2" if bench.is_postgresql else "1")
    send(bench, *others[:10], *events, *others[10:])
    began = time.monotonic()
    bench.wait_for(
        "select count(*) from workshop_effect where receiver = 'scripted' and token like 'other %'",
        lambda n: n == len(others),
    )
    others_seconds = time.monotonic() - began
    bench.wait_for(DEAD, lambda dead: dead == len(troubles))
    bench.wait_for(DONE, lambda done: done == len(others) + len(behind))
    assert worker.poll() is None, "the worker lives on"
    assert set(dead_letters(bench)) == set(troubles)
    for token, (kills, attempts, errors) in dead_letters(bench).items():
        assert (kills, attempts, len(errors)) == (*troubles[token][:2], len(troubles[token][2])), (token, errors)
        assert errors == troubles[token][2] or token.startswith(("terminate", "catch")), (token, errors)
    findings = bench.findings({"scripted": Receiver(), "patient": Receiver()})
    assert sorted(findings.lost) == sorted(f"scripted: {token}" for token in troubles)
    assert not findings.doubled
    assert not findings.out_of_order
    print(f"others after {others_seconds:.1f} s; {dead_letters(bench)}")


def test_a_worker_that_is_stopped_past_its_lease_commits_nothing(postgresql_bench):
    bench = postgresql_bench(crew="scripted")
    first = bench.worker("--only", "patient")
    send(bench, ("before", "key"), ("wait 1", "key"), ("after", "key"))
    until(lambda: (bench.folder / f"1.{first.pid}.waiting").exists(), bool, "the event is in hand")
    first.send_signal(signal.SIGSTOP)
    second = bench.worker("--only", "patient")
    until(lambda: (bench.folder / f"1.{second.pid}.waiting").exists(), bool, "the other worker has taken over")
    owner = (
        "select worker.pid from heliograph_partition partition "
        "join heliograph_worker worker on worker.id = partition.worker_id "
        "join heliograph_subscription subscription on subscription.id = partition.subscription_id "
        "where subscription.name = 'patient'"
    )
    assert bench.value(owner) == second.pid
    first.send_signal(signal.SIGCONT)
    (bench.folder / "1.go").touch()
    bench.wait_for("select count(*) from workshop_effect", lambda done: done == 3)
    bench.wait_for(OPEN_TRANSACTIONS, lambda count: count == 0)
    send(bench, ("later", "key"))
    bench.wait_for("select count(*) from workshop_effect", lambda done: done == 4)
    assert first.poll() is None
    assert bench.rows("select distinct pid from workshop_effect where token = 'wait 1'") == [(second.pid,)]
    findings = bench.findings({"patient": Receiver()})
    findings.assert_clean()
    assert findings.delivered == 4
    assert bench.value("select count(*) from heliograph_delivery") == 0


def test_receivers_of_a_second_whose_workers_are_killed(new_bench):
    bench = new_bench(crew="slow")
    send(bench, ("one", "a"), ("two", "a"))
    begun = bench.folder / "begun"
    kills = 0
    for _ in range(4):  # the first death blames nobody
        before = begun.read_text().split().count("one") if begun.exists() else 0
        worker = bench.worker()
        until(lambda n=before: begun.exists() and begun.read_text().split().count("one") > n, bool, "it begins again")
        worker.kill()
        worker.wait()
        kills += 1
    bench.drain()
    ((died, errors),) = bench.rows("select kills, errors from heliograph_delivery where state = 'dead'")
    assert died == 3
    assert [error["type"].rpartition(".")[2] for error in json.loads(errors)] == ["DiedError"] * 3
    assert "died with this event in hand" in json.loads(errors)[0]["message"]
    assert sorted(bench.rows("select token from workshop_effect")) == [("two",)]
    bench.python("from heliograph.delivery.operate.letters import retry\nprint(retry('default'))")
    bench.drain()
    assert sorted(bench.rows("select token from workshop_effect")) == [("one",), ("two",)]
    assert bench.value("select count(*) from heliograph_delivery") == 0
    print(f"{kills} kills, one dead letter, delivered on retry")
