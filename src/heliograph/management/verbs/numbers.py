"""Deliveries by number, and the database in which each of them is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from heliograph.delivery.operate.letters import known
from heliograph.errors import UnknownDeliveryError


def number(text: str) -> int:
    """Return the number of a delivery.

    Raises:
        ArgumentTypeError: the text is none.
    """
    if not text.isdecimal() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a delivery; `manage.py signals dead` shows them")
    return int(text)


def located(aliases: Sequence[str], ids: Sequence[int]) -> dict[str, list[int]]:
    """Return the open deliveries of some numbers by database.

    Raises:
        UnknownDeliveryError: one of them is nowhere, or in more than one database.
    """
    found = {alias: known(alias, ids) for alias in aliases}
    for each in ids:
        places = [alias for alias in aliases if each in found[alias]]
        if not places:
            raise UnknownDeliveryError(
                f"There is no open delivery {each}: it is done, or has been let go. manage.py signals dead shows the "
                "dead letters."
            )
        if len(places) > 1:
            raise UnknownDeliveryError(
                f"{each} is in the databases {' and '.join(places)}. Give one: --database ALIAS."
            )
    return {alias: sorted(some) for alias, some in found.items() if some}
