"""The setting has options with defaults and bounds; a wrong one is told, and left aside."""

import timeit
from dataclasses import fields

import pytest
from django.conf import settings
from django.test import override_settings

from heliograph.settings import Options, options, problems

BOUNDS = {field.name: field.metadata["bound"] for field in fields(Options)}
DEFAULTS = {field.name: field.default for field in fields(Options)}


def test_the_defaults():
    assert DEFAULTS == {
        "DISCOVER": True,
        "LEASE_SECONDS": 15,
        "POLL_SECONDS": None,
        "RETENTION_SECONDS": 604800,
        "MAX_PAYLOAD_BYTES": 262144,
        "MAX_HOPS": 32,
        "WORKER": None,
        "OUTSIDE_TRANSACTION": "warn",
        "LISTEN_DSN": None,
    }


@pytest.mark.parametrize("option", DEFAULTS)
def test_every_default_is_within_its_bound(option):
    assert problems({option: DEFAULTS[option]}) == []


@pytest.mark.parametrize("option", [name for name, default in DEFAULTS.items() if type(default) is int])
def test_every_number_has_a_unit(option):
    assert BOUNDS[option].unit in {"seconds", "bytes", "hops"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("DISCOVER", False),
        ("LEASE_SECONDS", 0.5),
        ("LEASE_SECONDS", 3600),
        ("POLL_SECONDS", 0.001),
        ("POLL_SECONDS", 2),
        ("RETENTION_SECONDS", 0),
        ("MAX_PAYLOAD_BYTES", 1),
        ("MAX_HOPS", 1),
        ("WORKER", "thread"),
        ("WORKER", "process"),
        ("OUTSIDE_TRANSACTION", "allow"),
        ("OUTSIDE_TRANSACTION", "error"),
        ("LISTEN_DSN", "postgresql://localhost/shop"),
    ],
)
def test_a_value_within_its_bound_is_in_force(option, value):
    assert problems({option: value}) == []
    with override_settings(HELIOGRAPH={option: value}):
        assert getattr(options(), option) == value


WRONG = [
    ("DISCOVER", 1, "HELIOGRAPH['DISCOVER'] is of type bool, not 1."),
    ("LEASE_SECONDS", 0.4, "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not 0.4."),
    ("LEASE_SECONDS", 3601, "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not 3601."),
    ("LEASE_SECONDS", True, "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not True."),
    ("LEASE_SECONDS", None, "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not None."),
    ("LEASE_SECONDS", "15", "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not '15'."),
    ("LEASE_SECONDS", float("nan"), "HELIOGRAPH['LEASE_SECONDS'] is a number of seconds from 0.5 to 3600, not nan."),
    ("POLL_SECONDS", 0, "HELIOGRAPH['POLL_SECONDS'] is a number of seconds from 0.001 to 3600 or None, not 0."),
    ("RETENTION_SECONDS", -1, "HELIOGRAPH['RETENTION_SECONDS'] is a number of seconds from 0 to 3153600000, not -1."),
    ("RETENTION_SECONDS", float("inf"), "from 0 to 3153600000, not inf."),
    ("MAX_PAYLOAD_BYTES", 0, "HELIOGRAPH['MAX_PAYLOAD_BYTES'] is a whole number of bytes from 1 to 67108864, not 0."),
    (
        "MAX_PAYLOAD_BYTES",
        1.5,
        "HELIOGRAPH['MAX_PAYLOAD_BYTES'] is a whole number of bytes from 1 to 67108864, not 1.5.",
    ),
    ("MAX_HOPS", 0, "HELIOGRAPH['MAX_HOPS'] is a whole number of hops from 1 to 10000, not 0."),
    ("WORKER", "threads", "HELIOGRAPH['WORKER'] is 'thread', 'process' or None, not 'threads'."),
    ("OUTSIDE_TRANSACTION", None, "HELIOGRAPH['OUTSIDE_TRANSACTION'] is 'allow', 'warn' or 'error', not None."),
    ("OUTSIDE_TRANSACTION", ["warn"], "HELIOGRAPH['OUTSIDE_TRANSACTION'] is 'allow', 'warn' or 'error', not ['warn']."),
    ("LISTEN_DSN", " ", "HELIOGRAPH['LISTEN_DSN'] is a connection string such as"),
]


@pytest.mark.parametrize(("option", "value", "told"), WRONG)
def test_a_value_out_of_its_bound_is_told_with_what_is_allowed_and_left_aside(option, value, told):
    (problem,) = problems({option: value})
    assert told in problem
    rest = {"LEASE_SECONDS": 7, "MAX_HOPS": 7}
    with override_settings(HELIOGRAPH=rest | {option: value}):
        assert options() == Options(**(rest | {option: DEFAULTS[option]}))


def test_what_is_no_connection_string_is_not_shown_for_it_may_hold_a_password():
    (problem,) = problems({"LISTEN_DSN": b"postgresql://shop:secret@localhost"})
    assert problem.endswith("not a value of type bytes.")


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("LEASE", "Did you mean 'LEASE_SECONDS'?"),
        ("max_hops", "Did you mean 'MAX_HOPS'?"),
        ("COLOUR", f"The options are: {', '.join(DEFAULTS)}."),
        (7, "The options are: "),
    ],
)
def test_an_unknown_option_is_told_with_the_nearest_and_left_aside(option, remedy):
    (problem,) = problems({option: 1})
    assert problem.startswith(f"HELIOGRAPH has no option {option!r}. {remedy}")
    with override_settings(HELIOGRAPH={option: 1, "MAX_HOPS": 7}):
        assert options() == Options(MAX_HOPS=7)


@pytest.mark.parametrize("given", [None, [], "yes"])
def test_a_setting_that_is_no_dictionary_is_told_and_left_aside(given):
    assert problems(given) == [f'HELIOGRAPH is a dictionary such as {{"DISCOVER": True}}, not {given!r}.']
    with override_settings(HELIOGRAPH=given):
        assert options() == Options()


def test_without_the_setting_the_defaults_are_in_force():
    with override_settings(HELIOGRAPH={"MAX_HOPS": 7}):
        del settings.HELIOGRAPH
        options.cache_clear()
        assert options() == Options()


def test_an_override_is_in_force_as_long_as_it_lasts():
    with override_settings(HELIOGRAPH={"MAX_HOPS": 7}):
        assert options().MAX_HOPS == 7
        with override_settings(HELIOGRAPH={"MAX_HOPS": 8}):
            assert options().MAX_HOPS == 8
        assert options().MAX_HOPS == 7
    assert options().MAX_HOPS == 32


def test_looking_an_option_up_costs_a_sender_next_to_nothing():
    options()
    assert min(timeit.repeat(options, number=1000, repeat=20)) < 0.001


@pytest.mark.parametrize(("vendor", "seconds"), [("sqlite", 0.05), ("postgresql", 1), ("mysql", 1)])
def test_how_often_a_worker_looks_depends_on_the_database_unless_it_is_set(vendor, seconds):
    assert Options().poll_seconds(vendor) == seconds
    assert Options(POLL_SECONDS=7).poll_seconds(vendor) == 7


@pytest.mark.parametrize(("debug", "place"), [(True, "thread"), (False, "process")])
def test_where_the_worker_runs_depends_on_debug_unless_it_is_set(debug, place):
    assert Options().worker(debug=debug) == place
    assert Options(WORKER="thread").worker(debug=debug) == "thread"
    assert Options(WORKER="process").worker(debug=debug) == "process"
