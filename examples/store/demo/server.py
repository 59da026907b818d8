"""The store's web server, in a thread of the demo's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application

HOST = "127.0.0.1"


class QuietRequestHandler(WSGIRequestHandler):
    """Answers requests and leaves the terminal to the receivers' log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


class StoreServer(ThreadedWSGIServer):
    """A server that has its port as soon as it is made, and answers once it is started.

    Raises:
        OSError: The port cannot be had.
    """

    # Two servers on one port would share its requests between them.
    allow_reuse_port = False

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), QuietRequestHandler)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer requests until the block ends."""
        self.set_app(StaticFilesHandler(get_internal_wsgi_application()))
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="store server", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
