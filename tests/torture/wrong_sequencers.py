"""The sequencer, changed in three ways that look right: each takes the function's source and returns another."""

import re


def naive(function):
    """Everything behind the last id."""
    everything = "select id, signal_id, key from heliograph_event where id > (select max(event_id) from known)"
    known = "with known as (select coalesce(max(event_id), 0) event_id from heliograph_position), fresh as ("
    return replaced(function, r"with fresh as \(.*?\), positioned", rf"{known}{everything}), positioned")


def by_xid(function):
    """What has become visible, in the order of transactions."""
    function = replaced(function, r"over \(order by id\)", "over (order by xid, id)")
    return replaced(function, "select id, signal_id, key from", "select id, signal_id, key, xid from")


def after_a_write(function):
    """The snapshot is taken behind a write."""
    return replaced(function, r"if now\(\) <> statement_timestamp\(\).*?end if;", "perform pg_current_xact_id();")


def with_each_event(function):
    """The snapshot is taken behind a write, in a step that is part of the sender's transaction."""
    return after_a_write(function) + STEP_WITH_EACH_EVENT


STEP_WITH_EACH_EVENT = """;
create function step_with_event() returns trigger language plpgsql as
    'begin perform heliograph_sequence(); return null; end';
create trigger step_with_event after insert on heliograph_event execute function step_with_event();
"""


def replaced(function, pattern, by):
    changed, count = re.subn(pattern, lambda _: by, function, flags=re.DOTALL)
    assert count, f"the sequencer has no {pattern!r} any more"
    return changed
