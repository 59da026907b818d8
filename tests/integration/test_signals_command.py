"""`manage.py signals`: what it prints, for people and for programs, and its exit codes."""

import json

import pytest

MODELS = """
    from django.db import models

    class Work(models.Model):
        class Meta:
            abstract = True

    class Painting(Work): ...

    class SmallPainting(Painting):
        class Meta:
            proxy = True

    class Sculpture(Work): ...
"""

RECEIVERS = """
    from django.db.models.signals import post_save
    from heliograph import Signal, receiver
    from shop.models import Painting, Sculpture, Work

    opened = Signal()
    unheard = Signal()

    @receiver(opened, on_commit=True)
    def on_commit(**kwargs): ...

    @receiver(opened)
    async def later(**kwargs): ...

    @receiver([opened, post_save], sender="shop.Painting")
    def of_paintings(**kwargs): ...

    @receiver([opened, post_save], sender=Work, subclasses=True, name="shop.of_works")
    def of_works(**kwargs): ...

    @receiver(post_save, sender=Work)
    def of_nothing(**kwargs): ...

    class House: ...

    @receiver(opened, sender=House)
    def of_houses(**kwargs): ...
"""


@pytest.fixture
def shop(new_project):
    project = new_project("heliograph", "shop")
    project.write("shop/models.py", MODELS)
    project.write("shop/receivers.py", RECEIVERS)
    return project


def shown(project, *arguments):
    """What the command prints, as lines."""
    done = project.manage("signals", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def read(project, *arguments):
    """What the command prints as JSON."""
    return json.loads("\n".join(shown(project, *arguments, "--format", "json")))


def under(lines, heading):
    """The lines between a heading and the next empty line, their columns apart."""
    rest = lines[lines.index(heading) + 1 :]
    end = rest.index("") if "" in rest else len(rest)
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in rest[:end]]


def test_list_shows_receiver_mode_sender_and_place_under_each_signal(shop):
    lines = shown(shop, "list")
    assert under(lines, "shop.opened") == [
        ["shop.receivers.on_commit", "on_commit", "from anyone", "shop/receivers.py:9"],
        ["shop.receivers.later", "now, async", "from anyone", "shop/receivers.py:12"],
        ["shop.receivers.of_paintings", "now", "from shop.Painting", "shop/receivers.py:15"],
        ["shop.of_works", "now", "from shop.Work and subclasses", "shop/receivers.py:18"],
        ["shop.receivers.of_houses", "now", "from shop.receivers.House", "shop/receivers.py:26"],
    ]


def test_list_shows_a_receiver_of_subclasses_once_on_djangos_signals_too(shop):
    assert under(shown(shop, "list"), "django.db.models.signals.post_save") == [
        ["shop.receivers.of_paintings", "now", "from shop.Painting", "shop/receivers.py:15"],
        ["shop.of_works", "now", "from shop.Work and subclasses", "shop/receivers.py:18"],
        ["shop.receivers.of_nothing", "now", "from shop.Work", "shop/receivers.py:21"],
    ]


def test_list_shows_a_signal_of_ones_own_that_nobody_hears(shop):
    lines = shown(shop, "list")
    assert under(lines, "shop.unheard") == [["nobody listens"]]
    assert lines.index("shop.opened") < lines.index("shop.unheard")
    assert "django.db.models.signals.pre_init" not in lines


def test_list_gives_the_same_as_json(shop):
    rows = {row["receiver"]: row for row in read(shop, "list") if row["signal"] == "shop.opened"}
    assert rows["shop.receivers.later"] == {
        "signal": "shop.opened",
        "receiver": "shop.receivers.later",
        "place": "shop/receivers.py:12",
        "mode": "now",
        "sender": None,
        "subclasses": False,
        "is_async": True,
        "weak": True,
    }
    assert rows["shop.of_works"]["subclasses"] is True
    assert rows["shop.receivers.on_commit"]["mode"] == "on_commit"
    assert rows["shop.receivers.of_houses"]["sender"] == "shop.receivers.House"


def test_a_project_without_signals_of_its_own_lists_djangos(new_project):
    lines = shown(new_project("heliograph"), "list")
    assert ["django.db.close_old_connections", "now", "from anyone"] in [
        row[:3] for row in under(lines, "django.core.signals.request_started")
    ]


def test_explain_shows_who_runs_in_order_and_why_the_others_do_not(shop):
    lines = shown(shop, "explain", "opened", "--sender", "shop.Painting")
    assert lines[0] == "shop.opened, sent from shop.Painting"
    assert [row[:3] for row in under(lines, "runs, in this order")] == [
        ["1.", "shop.receivers.of_paintings", "now"],
        ["2.", "shop.of_works", "now"],
        ["3.", "shop.receivers.later", "now, async"],
        ["4.", "shop.receivers.on_commit", "on_commit"],
    ]
    assert [row[:2] for row in under(lines, "does not run")] == [
        ["shop.receivers.of_houses", "hears only shop.receivers.House"]
    ]


@pytest.mark.parametrize("signal", ["opened", "post_save"])
@pytest.mark.parametrize(
    ("sender", "runs"),
    [
        ("shop.Painting", {"of_paintings", "of_works"}),
        ("shop.SmallPainting", {"of_works"}),
        ("shop.sculpture", {"of_works"}),
        ("contenttypes.ContentType", set()),
    ],
)
def test_explain_follows_the_families_of_models(shop, signal, sender, runs):
    explained = read(shop, "explain", signal, "--sender", sender)
    named = [row["receiver"].rpartition(".")[2] for row in explained["runs"]]
    assert sorted({*named} - {"on_commit", "later"}) == sorted(runs)
    assert len(named) == len({*named})


def test_explain_tells_of_a_sender_that_sends_nothing(shop):
    explained = read(shop, "explain", "post_save", "--sender", "shop.Painting")
    reasons = {row["receiver"]: row["reason"] for row in explained["silent"]}
    assert "abstract" in reasons["shop.receivers.of_nothing"]
    assert "subclasses=True" in reasons["shop.receivers.of_nothing"]


def test_what_explain_says_is_what_a_sending_does(shop):
    explained = read(shop, "explain", "opened", "--sender", "shop.receivers.House")
    ran = shop.json(
        "[function.__name__ for function, _ in opened.send(House)]", "from shop.receivers import House, opened"
    )
    now = [row["receiver"].rpartition(".")[2] for row in explained["runs"] if row["mode"] == "now"]
    assert now == [name for name in ran if name != "on_commit"] == ["of_houses", "later"]


def test_explain_without_a_sender_shows_those_who_hear_everyone(shop):
    lines = shown(shop, "explain", "shop.opened")
    assert lines[0] == "shop.opened, sent from a sender that no receiver names (give one with --sender)"
    assert [row[1] for row in under(lines, "runs, in this order")] == [
        "shop.receivers.later",
        "shop.receivers.on_commit",
    ]


def test_explain_of_a_signal_that_nobody_hears(shop):
    assert shown(shop, "explain", "unheard")[1:] == ["", "runs nobody"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["explain", "shop.opend"], "There is no signal 'shop.opend'. Did you mean 'shop.opened'?"),
        (["explain", "opend"], "There is no signal 'opend'. Did you mean 'shop.opened'?"),
        (["explain", "post_sav"], "Did you mean 'django.db.models.signals.post_save'?"),
        (["explain", "zzz"], "There is no signal 'zzz'. `manage.py signals list` shows those there are."),
        (
            ["explain", "opened", "--sender", "shop.Paintin"],
            "There is no sender 'shop.Paintin'. Did you mean 'shop.Painting'?",
        ),
        (["explain", "opened", "--sender", "zzz"], "A sender is 'app_label.Model' or the dotted path of a class."),
        (["explain"], "the following arguments are required: SIGNAL"),
        ([], "the following arguments are required: VERB"),
        (["lst"], "invalid choice: 'lst'"),
    ],
)
def test_a_wrong_word_is_answered_with_the_near_one_and_exit_code_2(shop, arguments, told):
    done = shop.manage("signals", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_ending_that_two_signals_have_asks_for_the_whole_name(shop):
    shop.write("shop/signals.py", "from heliograph import Signal\npost_save = Signal()\n")
    done = shop.manage("signals", "explain", "post_save")
    assert done.returncode == 2
    assert (
        "'post_save' may be django.db.models.signals.post_save or shop.post_save. Give the whole name." in done.stderr
    )
    assert shown(shop, "explain", "shop.post_save")[0].startswith("shop.post_save, sent from")


@pytest.mark.parametrize("asked", ["shop.twice", "twice"])
def test_a_name_that_two_signals_have_is_told_with_their_places(shop, asked):
    shop.write("shop/signals.py", "from heliograph import Signal\nimport shop.other\ntwice = Signal()\n")
    shop.write("shop/other.py", "from django.dispatch import Signal\ntwice = Signal()\n")
    done = shop.manage("signals", "explain", asked)
    assert done.returncode == 2
    assert "2 signals are named 'shop.twice': one in shop.other, one in shop.signals." in done.stderr


def test_it_runs_in_a_project_whose_checks_fail(shop):
    assert shop.manage("check").returncode == 1
    assert shown(shop, "list")


def test_the_settings_may_be_named_behind_the_verb(shop):
    assert shown(shop, "list", "--settings", "settings", "--pythonpath", ".")


def test_a_receiver_that_was_disconnected_or_collected_is_not_shown(shop):
    names = shop.json(
        "[each.receiver for each in listeners() if each.receiver.startswith('shop.')]",
        """
        from django.db.models.signals import post_save
        from heliograph.observe.listeners import listeners
        from shop import receivers
        from shop.models import Painting, Work
        assert receivers.opened.disconnect(receivers.on_commit)
        assert receivers.opened.disconnect(receivers.of_works, sender=Work)
        assert post_save.disconnect(receivers.of_works, sender=Work)
        assert post_save.disconnect(receivers.of_paintings, sender=Painting)
        del receivers.later
        """,
    )
    assert sorted(names) == [
        "shop.receivers.of_houses",
        "shop.receivers.of_nothing",
        "shop.receivers.of_paintings",
    ]
