"""`manage.py demo`: the store with a catalogue, what its receivers do before your eyes, and the site left running."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from demo.acts import a_dead_letter, a_killed_worker, a_slow_start, an_order
from demo.acts.stage import Stage
from demo.administrator import USERNAME, admin_password
from demo.catalogue import stock_shelves
from demo.client import RefusedError
from demo.interrupts import end_at_first
from demo.mail_server import MailServer
from demo.server import HOST, StoreServer
from demo.terminal import Terminal
from store.models import Collection, Product


def port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: give a number up to 65535, or 0 for any free one.")
    return int(text)


class Command(BaseCommand):
    help = "Run the store with a catalogue, and show what its receivers do when an order is placed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="where to serve (default: 8000)")
        parser.add_argument("--short", action="store_true", help="place one order only, without the accidents")

    def handle(self, *args: Any, port: int, short: bool, **options: Any) -> None:
        end_at_first()
        # Each line is seen when it happens, also through a pipe.
        sys.stdout.reconfigure(line_buffering=True)
        terminal = Terminal(self.stdout)
        try:
            with self.server(port) as server, MailServer() as mail_server:
                with terminal.only():
                    self.prepare(server)
                stage = Stage(terminal=terminal, address=server.address, mail_server=mail_server)
                with server.running(), mail_server.running(), played(stage, short=short):
                    terminal.say(f"\nThe store is open at {server.address}/ - Ctrl-C closes it.\n")
                    Event().wait()
        except KeyboardInterrupt:
            self.stdout.write("\nThe store is closed.")

    def server(self, port: int) -> StoreServer:
        """Take the port before anything else is done."""
        try:
            return StoreServer(port)
        except OSError as error:
            reason = error.strerror.lower() if error.strerror else error
            raise CommandError(
                f"Port {port} on {HOST} cannot be used ({reason}). Choose another: PORT={port + 1} make demo"
            ) from error

    def prepare(self, server: StoreServer) -> None:
        self.stdout.write("Preparing the store: database, catalogue, administrator.")
        call_command("migrate", verbosity=0)
        stock_shelves()
        password = admin_password()
        self.stdout.write(
            f"\n  database  {connection.settings_dict['NAME']}"
            f"\n  shelves   {Product.objects.count()} products in {Collection.objects.count()} collections"
            f"\n  shop      {server.address}/"
            f"\n  admin     {server.address}/admin/  (user: {USERNAME}, password: {password})"
        )


@contextmanager
def played(stage: Stage, *, short: bool) -> Iterator[None]:
    """Play the acts; in the block behind them a worker works for the open store."""
    with ExitStack() as stack:
        try:
            if short:
                an_order.play(stage, stack.enter_context(stage.running_worker()))
            else:
                with stage.running_worker() as worker:
                    an_order.play(stage, worker)
                    a_slow_start.play(stage)
                    a_dead_letter.play(stage)
                stack.enter_context(a_killed_worker.play(stage))
        except RefusedError as error:
            raise CommandError(error) from error
        yield
