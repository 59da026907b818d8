"""A worker killed in the middle of many events: another one goes on, with nothing lost and nothing doubled."""

from collections.abc import Iterator
from contextlib import contextmanager

from demo.acts.stage import Stage
from demo.progress import all_is_read, wait_until
from demo.rush import rush
from demo.tally import Tally
from demo.worker import Worker

CUSTOMERS, ORDERS_EACH = 30, 5
MAILS = 5


@contextmanager
def play(stage: Stage) -> Iterator[Worker]:
    """Begin with no worker running; the one that comes last works on until the block ends."""
    terminal, mail_server = stage.terminal, stage.mail_server
    terminal.title("A worker is killed in the middle of its work.")
    with terminal.only():
        tally = Tally(rush(CUSTOMERS, ORDERS_EACH), mail_server)
        terminal.say(f"{CUSTOMERS} customers place {ORDERS_EACH} orders each, while no worker is running.")
        terminal.run("signals", "status")
        with stage.running_worker() as first, mail_server.silent_after(MAILS):
            # It has sent a mail, and does not know it yet.
            wait_until(lambda: mail_server.is_silent() and tally.has_begun(), "the worker was in the middle")
            first.kill()
        terminal.say(f"Worker {first.pid} is killed with kill -9. So much is done:\n{tally}\n")
    with stage.running_worker() as second:
        with terminal.only("taken over"):
            wait_until(lambda: tally.is_complete() and all_is_read(), "the worker had done the rest")
        terminal.say(f"\nWorker {second.pid} has gone on, and now so much is done:\n{tally}")
        yield second
