"""The three interleavings in which a careless order loses events or mixes them up, made by hand.

python -m workshop.interleaving
"""

import contextlib

import django


def late_commit(one, two):
    """The first to write is the last to commit."""
    from workshop.signals import send, send_alone

    one.begin()
    one(send, "late commit")
    two(send_alone, "early commit")
    step()
    one.commit()
    step()


def early_xid(one, two):
    """The first to have a transaction id is the last to write."""
    from workshop.signals import send_alone, send_next

    one.begin()
    one.take_xid()
    two(send_alone, "first of its key", "key")
    one(send_next, "second of its key", "key")
    one.commit()
    step()


def step_while_writing(one, two):
    """A step is taken, or refused, in a transaction that goes on to write."""
    from workshop.signals import send, send_alone

    one.begin()
    one.take_xid()
    two(send_alone, "meanwhile")
    one(refused_or_not)
    one(send, "after the step")
    one.commit()
    step()


def step():
    """Take a step of the sequencer, as a worker does."""
    from django.db import connection

    from heliograph.log.log import log_of

    while log_of(connection).sequence() is None:
        pass


def refused_or_not():
    """Try to take a step within the open transaction."""
    from django.db import DatabaseError, transaction

    with contextlib.suppress(DatabaseError), transaction.atomic():
        step()


def main():
    from workshop.hand import Hand
    from workshop.models import Counter

    Counter.objects.create(key="key")
    one, two = Hand(), Hand()
    for interleaving in (late_commit, early_xid, step_while_writing):
        interleaving(one, two)


if __name__ == "__main__":
    django.setup()
    main()
