"""What every act plays with."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from demo.client import StoreClient
from demo.mail_server import MailServer
from demo.terminal import Terminal
from demo.worker import Worker, running_worker


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The terminal, the address of the store, and the mail server of its customers."""

    terminal: Terminal
    address: str
    mail_server: MailServer

    def silent_client(self) -> StoreClient:
        """Return a client of the store whose requests are not shown."""
        return StoreClient(self.address, lambda line: None)

    def running_worker(self) -> AbstractContextManager[Worker]:
        """Run a worker for the length of the block."""
        return running_worker(self.terminal, self.mail_server.address)
