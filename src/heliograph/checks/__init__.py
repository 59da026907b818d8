"""System checks: what a project can get wrong, told before it runs."""

from __future__ import annotations

from django.core import checks

from heliograph.checks.durable import durable_signals_have_names
from heliograph.checks.names import names_are_unique
from heliograph.checks.receivers import receivers_can_be_called
from heliograph.checks.senders import senders_are_there
from heliograph.checks.setting import setting_is_known
from heliograph.checks.shared_transactions import saves_share_a_transaction
from heliograph.checks.sqlite import sqlite_can_wait
from heliograph.checks.unimported import receivers_are_imported


def register() -> None:
    """Register Heliograph's checks with Django's."""
    for check in (
        receivers_can_be_called,
        names_are_unique,
        senders_are_there,
        setting_is_known,
        receivers_are_imported,
        sqlite_can_wait,
        durable_signals_have_names,
        saves_share_a_transaction,
    ):
        checks.register(check, "heliograph")
