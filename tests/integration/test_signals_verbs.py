"""The operator's verbs of `manage.py signals`: what they print, for people and for programs, and their exit codes."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from integration.projects import Project

from heliograph.management.verbs import VERBS

RECEIVERS = """
    from heliograph import Signal, receiver

    sent = Signal()

    @receiver(sent, durable=True)
    def book(**named): ...

    @receiver(sent, durable=True)
    def mail(**named): ...
"""

DATABASES = """
    def sqlite(name):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
        }

    DATABASES = {"default": sqlite("shop.sqlite3")}
    HELIOGRAPH = {"OUTSIDE_TRANSACTION": "allow"}
"""

#: Three events that both receivers have passed; one failed for good with `book`, and the next of its key waits.
TROUBLE = """
    import json
    from django.db.models.functions import Now
    from heliograph.delivery.decisions.spread import spread_of
    from heliograph.models import Delivery, Event, Partition, Subscription
    from shop.receivers import sent

    for place in range(3):
        sent.send(None, place=place)
    Partition.objects.update(position=Event.objects.latest("id").id)
    error = {"type": "ValueError", "message": "no such account", "at": "2026-01-31T12:00:00.000+00:00",
             "traceback": 'Traceback\\n  File "shop/receivers.py", line 8, in book\\n    ...\\nValueError: ...',
             "worker": "web-1:77"}
    book = Subscription.objects.get(name="shop.receivers.book")
    for event, state in zip(Event.objects.order_by("id"), ["dead", "held", "running"]):
        Delivery.objects.create(
            subscription=book, event=event, position=event.id, key="a" if state != "running" else "b",
            spread=spread_of("a", 0, "key"), state=state, attempts=12 if state == "dead" else 1, kills=1,
            due_at=Now(), errors=json.dumps([error]),
        )
"""

BOOK, MAIL = "shop.receivers.book", "shop.receivers.mail"


def prepare(project):
    project.add_settings(DATABASES)
    project.write("shop/receivers.py", RECEIVERS)
    return project


@pytest.fixture
def fresh(new_project):
    return prepare(new_project("heliograph", "shop"))


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A database in which the receivers are registered."""
    project = prepare(Project(tmp_path_factory.mktemp("migrated"), "heliograph", "shop"))
    assert project.manage("migrate", "-v0").returncode == 0
    return project.folder / "shop.sqlite3"


@pytest.fixture
def shop(fresh, migrated):
    shutil.copy(migrated, fresh.folder)
    return fresh


@pytest.fixture
def troubled(shop):
    done = shop.run(TROUBLE)
    assert done.returncode == 0, done.stderr
    return shop


def said(project, *arguments, code=0):
    """What the command prints, with nothing on the error output."""
    done = project.manage("signals", *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


def read(project, *arguments, code=0):
    return json.loads(said(project, *arguments, "--format", "json", code=code))


def refused(project, *arguments):
    """What the command says on the error output, with exit code 2."""
    done = project.manage("signals", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_status_for_people_has_a_line_for_each_receiver_and_the_remedy_of_each_problem(troubled):
    lines = said(troubled, "status", code=1).splitlines()
    assert lines[0].split() == ["state", "lag", "oldest", "retrying", "held", "dead", "owned", "receiver"]
    assert re.fullmatch(rf"active +0 +\d+ s +1 +1 +1 +0/1  {BOOK}", lines[1])
    assert re.fullmatch(rf"active +0 +- +0 +0 +0 +0/1  {MAIL}", lines[2])
    assert lines[4] == "No worker."
    assert lines[6] == "2 problems"
    assert f"{BOOK} has 1 dead letter. See them: manage.py signals dead." in lines[7]
    assert "No worker is alive, and events wait. Start one: manage.py signals worker" in lines[8]


def test_status_for_programs_has_the_agreed_keys(troubled):
    found = read(troubled, "status", code=1)
    assert list(found) == ["subscriptions", "workers"]
    book, mail = found["subscriptions"]
    assert (book["name"], book["state"], book["lag"], book["lag_is_estimate"]) == (BOOK, "active", 0, False)
    assert (book["retrying"], book["held"], book["dead"]) == (1, 1, 1)
    assert mail == {
        "name": MAIL,
        "state": "active",
        "lag": 0,
        "lag_is_estimate": False,
        "oldest_seconds": None,
        "retrying": 0,
        "held": 0,
        "dead": 0,
        "partitions": [{"number": 0, "count": 1, "position": 3, "owner": None}],
    }
    assert found["workers"] == []


def test_status_without_a_problem_ends_with_0_and_shows_the_workers(shop):
    shop.run(
        """
        from django.db.models.functions import Now
        from heliograph.models import Partition, Worker
        times = {"started_at": Now(), "heartbeat_at": Now()}
        worker = Worker.objects.create(host="web-1 4f82 pid:[1]", pid=7, state="running", **times)
        Partition.objects.update(worker=worker)
        """
    )
    lines = said(shop, "status").splitlines()
    assert "1/1" in lines[1]
    assert re.fullmatch(r"running +\d s ago +2  web-1:7", lines[5])
    (worker,) = read(shop, "status")["workers"]
    assert worker.pop("seconds_since_heartbeat") < 15
    assert worker == {"host": "web-1", "pid": 7, "state": "running", "partitions": 2}


def test_an_estimate_is_marked_as_such(shop):
    shop.run(
        """
        from heliograph.delivery.operate import status
        from heliograph.log.entries import Recording
        from heliograph.log.log import log_of
        from heliograph.models import SignalName
        from django.db import connection
        from uuid import uuid4
        signal = SignalName.objects.get(name="shop.sent").id
        event = [Recording(uuid=uuid4(), signal=signal, sender=None, key=None, payload="{}")]
        log_of(connection).append(event * 10_001)
        """
    )
    assert "≥ 10,000" in said(shop, "status", code=1)
    book, _ = read(shop, "status", code=1)["subscriptions"]
    assert (book["lag"], book["lag_is_estimate"]) == (10_000, True)


def test_events_for_people_and_for_programs(troubled):
    text = said(troubled, "events", "--limit", "2").split("\n\n")
    assert len(text) == 2
    assert text[0].splitlines()[0].startswith("3  shop.sent  20")
    assert '{"place": 2}' in text[0].splitlines()[-1]
    newest, *_, oldest = read(troubled, "events", "--signal", "sent")
    assert list(newest) == ["id", "position", "signal", "sender", "key", "sent_at", "payload"]
    assert (newest["position"], newest["signal"], newest["payload"]) == (3, "shop.sent", {"place": 2})
    assert oldest["payload"] == {"place": 0}
    assert len(read(troubled, "events", "--since", "2h")) == 3
    assert said(troubled, "events", "--since", "2999-01-01") == "There is no such event.\n"


def test_dead_for_people_and_for_programs(troubled):
    text = said(troubled, "dead")
    assert f"1  {BOOK}\n" in text
    assert "error     ValueError: no such account" in text
    assert 'raised    "shop/receivers.py", line 8, in book' in text
    assert "when      2026-01-31 12:00:00 UTC by web-1:77" in text
    assert "1 dead letter." in text
    (letter,) = read(troubled, "dead")
    (event, *_) = [each for each in read(troubled, "events") if each["position"] == 1]
    assert list(letter) == ["id", "receiver", "event_id", "signal", "key", "attempts", "kills", "errors"]
    assert (letter["id"], letter["receiver"], letter["event_id"]) == (1, BOOK, event["id"])
    assert (letter["signal"], letter["key"], letter["attempts"], letter["kills"]) == ("shop.sent", "a", 12, 1)
    assert [each["message"] for each in letter["errors"]] == ["no such account"]


def test_no_dead_letter(shop):
    assert said(shop, "dead") == "There is no dead letter.\n"
    assert read(shop, "dead") == []


def test_retry_tells_what_it_has_moved_and_why_not_the_others(troubled):
    assert said(troubled, "retry", "--all", "--dry-run") == "1 delivery would be tried again.\n"
    assert said(troubled, "retry", "1", "2", "3", code=1) == (
        "Retrying: 1 delivery due now.\n2 waits for an earlier event of its key.\n3 is being tried right now.\n"
    )
    assert said(troubled, "retry", "--receiver", BOOK) == "Retrying: 1 delivery due now.\n"
    assert said(troubled, "retry", "--receiver", MAIL) == (
        "Nothing to retry: there is no dead letter, and none that waits for its time.\n"
    )


def test_reject_tells_who_goes_on(troubled):
    assert said(troubled, "reject", "3") == "1 delivery let go.\n"
    assert said(troubled, "retry", "1") == "Retrying: 1 delivery due now.\n"
    assert said(troubled, "reject", "1") == "1 delivery let go. 1 event that waited is due now.\n"


def test_pause_and_resume_tell_what_they_found(shop):
    assert said(shop, "pause", BOOK) == (
        f"{BOOK} is paused; its events are kept until: manage.py signals resume {BOOK}\n"
    )
    assert said(shop, "pause", BOOK) == f"{BOOK} was paused already.\n"
    assert [each["state"] for each in read(shop, "status")["subscriptions"]] == ["paused", "active"]
    assert said(shop, "resume", BOOK) == f"{BOOK} goes on where it had stopped.\n"
    assert said(shop, "resume", BOOK) == f"{BOOK} was not paused.\n"


def test_replay_tells_how_many_are_due_and_on_the_way(troubled):
    assert said(troubled, "replay", MAIL, "--from-position", "2", "--dry-run") == (
        f"2 events would be delivered to {MAIL} again.\n"
    )
    assert said(troubled, "replay", MAIL, "--from-position", "2") == f"Replaying to {MAIL}: 2 events due now.\n"
    assert said(troubled, "replay", MAIL, "--since", "1h") == (
        f"Replaying to {MAIL}: 1 event due now. 2 events are on the way already.\n"
    )
    assert said(troubled, "replay", MAIL, "--key", "zzz") == (
        f"Nothing to replay: {MAIL} has passed no such event that is still in the log.\n"
    )


def test_prune_tells_what_it_has_deleted(troubled):
    assert said(troubled, "prune") == (
        "Nothing to prune: events stay until all have passed them, and then for RETENTION_SECONDS (7 d).\n"
    )
    troubled.add_settings('HELIOGRAPH = {"RETENTION_SECONDS": 0}')
    assert said(troubled, "prune").startswith("Nothing to prune")
    said(troubled, "reject", "1", "2", "3")
    assert (
        said(troubled, "prune")
        == "Deleted 3 events, 0 steps of the sequencer and 0 workers that had been gone for a day.\n"
    )


def test_drop_takes_an_orphan_and_refuses_the_others(troubled):
    assert f"{BOOK} is not orphaned: its receiver is at" in refused(troubled, "drop", BOOK)
    assert troubled.run("from shop.receivers import sent; sent.send(None); sent.send(None)").returncode == 0
    troubled.write("shop/receivers.py", RECEIVERS.replace("def book", "def tell"))
    assert f"{BOOK} is orphaned" in said(troubled, "status", code=1)
    gone = "2 events that it had not come to and 3 open deliveries"
    assert said(troubled, "drop", BOOK) == f"{BOOK} is dropped, and with it {gone}.\n"
    assert [each["name"] for each in read(troubled, "status", code=1)["subscriptions"]] == [MAIL]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["retry"], "Give numbers, or --receiver NAME, or --all: one of the three."),
        (["retry", "1", "--all"], "one of the three"),
        (["retry", "99"], "There is no open delivery 99"),
        (["retry", "one"], "'one' is no number of a delivery"),
        (["reject"], "the following arguments are required: ID"),
        (["reject", "99"], "There is no open delivery 99"),
        (["retry", "--receiver", "bok"], f"Did you mean '{BOOK}'?"),
        (
            ["pause", "shop.receivers.bok"],
            f"No durable receiver 'shop.receivers.bok' is registered. Did you mean '{BOOK}'?",
        ),
        (["resume", "zzz"], "`manage.py signals status` shows those there are."),
        (["drop", "mial"], f"Did you mean '{MAIL}'?"),
        (["replay", BOOK], "Say which events: --since TIME, --from-position N (0 for all) or --key KEY"),
        (["replay", "bok", "--key", "a"], f"Did you mean '{BOOK}'?"),
        (["replay", BOOK, "--since", "yesterday"], "'yesterday' is no time. Give one such as 2026-01-31"),
        (["replay", BOOK, "--from-position", "-1"], "from-position"),
        (["replay", BOOK, "--from-position", "x"], "'x' is no position; `manage.py signals events` shows them"),
        (["events", "--signal", "snt"], "The log has no signal 'snt'. Did you mean 'shop.sent'?"),
        (["events", "--limit", "0"], "'0' is no number from 1 to 1000000"),
        (["status", "--database", "nowhere"], "Database 'nowhere' is not in DATABASES, which has default."),
    ],
)
def test_a_wrong_word_is_answered_with_a_remedy_and_exit_code_2(shop, arguments, told):
    assert told in refused(shop, *arguments)


def test_before_migrate_it_is_told_what_to_do(fresh):
    assert "No database has an event log." in refused(fresh, "status")
    assert "Run manage.py migrate --database=default." in refused(fresh, "prune", "--database", "default")


def test_a_database_that_does_not_answer_is_told_without_a_traceback(shop):
    shop.add_settings('DATABASES["default"]["NAME"] = "/nowhere/at/all"')
    done = shop.manage("signals", "status")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: The database has refused: ")


def test_a_worker_does_not_start_with_what_check_finds(shop):
    shop.add_settings('HELIOGRAPH["LEASE_SECOND"] = 3')
    done = shop.manage("signals", "worker", "--drain")
    assert (done.returncode, done.stdout) == (1, "")
    assert "CommandError: The worker does not start: manage.py check finds\n  - HELIOGRAPH has no option" in done.stderr
    assert "Did you mean 'LEASE_SECONDS'? (heliograph.E005)" in done.stderr


def test_a_worker_is_refused_inside_a_transaction_such_as_a_tests(shop):
    done = shop.run(
        """
        from django.core.management import call_command
        from django.db import transaction
        with transaction.atomic():
            call_command("signals", "worker", drain=True)
        """
    )
    assert "A transaction is open on 'default', and a worker sees only what is committed." in done.stderr
    assert "TransactionTestCase" in done.stderr


def test_a_worker_logs_in_utc_whatever_the_time_zone(shop):
    shop.add_settings('TIME_ZONE = "Pacific/Kiritimati"')  # a day ahead, more or less
    before = datetime.now(UTC)
    done = shop.manage("signals", "worker", "--drain")
    (moment,) = re.findall(r"^(\S+ \S+) UTC INFO working for 'default'$", done.stderr, re.MULTILINE)
    logged = datetime.fromisoformat(f"{moment}+00:00")
    assert before - timedelta(seconds=1) <= logged <= datetime.now(UTC)


def test_two_databases_are_told_apart(troubled):
    troubled.add_settings('DATABASES["archive"] = sqlite("archive.sqlite3")')
    assert said(troubled, "dead")  # the other one has no log yet
    assert troubled.manage("migrate", "-v0", "--database", "archive").returncode == 0
    assert "database archive\n\nThere is no dead letter." in said(troubled, "dead")
    assert [each["database"] for each in read(troubled, "dead")] == ["default"]
    assert {each["database"] for each in read(troubled, "status", code=1)["subscriptions"]} == {"default", "archive"}
    assert "database" not in read(troubled, "dead", "--database", "default")[0]
    assert said(troubled, "retry", "1") == "Retrying: 1 delivery due now.\n"
    assert "There is no open delivery 2" in refused(troubled, "retry", "2", "--database", "archive")
    assert said(troubled, "pause", BOOK, "--database", "archive")
    assert said(troubled, "pause", BOOK).count("paused already") == 1


def test_what_is_retried_released_and_replayed_is_delivered_in_order(troubled):
    troubled.write(
        "shop/receivers.py",
        RECEIVERS.replace("def book(**named): ...", "def book(place, **named):\n        print('book', place)").replace(
            "def mail(**named): ...", "def mail(place, **named):\n        print('mail', place)"
        ),
    )
    said(troubled, "reject", "3")
    said(troubled, "retry", "1")
    said(troubled, "replay", MAIL, "--from-position", "2")
    done = troubled.manage("signals", "worker", "--drain")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("book")] == ["book 0", "book 1"]
    assert [line for line in lines if line.startswith("mail")] == ["mail 1", "mail 2"]
    assert read(troubled, "dead") == []
    assert [each["retrying"] + each["held"] for each in read(troubled, "status")["subscriptions"]] == [0, 0]


def test_each_verb_says_what_it_does_in_one_line(shop):
    shown = said(shop, "--help")
    for verb in VERBS:
        (line,) = re.findall(rf"^    {verb} +(\S.*\.)$", shown, re.MULTILINE)
        assert line in said(shop, verb, "--help")


def test_each_verb_is_in_the_documents():
    documented = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text()
    for verb in VERBS:
        assert f"`{verb}" in documented
