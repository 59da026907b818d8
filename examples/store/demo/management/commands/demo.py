"""`manage.py demo`: the store with a catalogue, one order placed over HTTP, and the site left running."""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from threading import Event
from types import FrameType
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection

from demo.administrator import USERNAME, admin_password
from demo.catalogue import stock_shelves
from demo.client import RefusedError, StoreClient
from demo.purchase import buy_something
from demo.server import HOST, StoreServer
from store.models import Collection, Product


def port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: give a number up to 65535, or 0 for any free one.")
    return int(text)


def stop(number: int, frame: FrameType | None) -> None:
    """End the demo at the first signal; `make` may pass on a second one, which changes nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


class Command(BaseCommand):
    help = "Run the store with a catalogue, and place an order over HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="where to serve (default: 8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        # Set here too, because a shell starts background jobs deaf to SIGINT.
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        # Each line is seen when it happens, also through a pipe.
        sys.stdout.reconfigure(line_buffering=True)
        try:
            with self.server(port) as server:
                self.prepare(server)
                with server.running():
                    self.shop(server)
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

    def shop(self, server: StoreServer) -> None:
        self.stdout.write("\nA customer comes by. Under each request: which receivers it made run, in which mode.\n\n")
        try:
            order = buy_something(StoreClient(server.address, self.stdout.write))
        except RefusedError as error:
            raise CommandError(error) from error
        self.stdout.write(f"\nOrder {order['id']} is placed: {len(order['items'])} lines, {order['total']} EUR.")
        self.stdout.write(f"The store is open at {server.address}/ - Ctrl-C closes it.\n\n")
