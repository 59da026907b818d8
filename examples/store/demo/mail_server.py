"""A mail server on this machine: it takes mail for everyone, apart from whom it has been told of."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

# What it says and then expects next, of RFC 5321 no more than Python's smtplib asks for.
ANSWERS = {"EHLO": "250 demo", "HELO": "250 demo", "MAIL": "250 OK", "RSET": "250 OK", "QUIT": "221 Bye"}


class Conversation(StreamRequestHandler):
    """One client, from its greeting to its farewell."""

    server: "MailServer"

    def handle(self) -> None:
        # Workers are killed here, some of them in the middle of a word.
        with suppress(ConnectionError):
            self.converse()

    def converse(self) -> None:
        self.say("220 demo")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                self.say(self.server.answer_for(line.partition("<")[2].partition(">")[0]))
            elif verb == "DATA":
                self.say("354 Go on")
                self.server.take(message_from_bytes(self.text()))
                self.say("250 OK")
            else:
                self.say(ANSWERS.get(verb, "502 Not here"))
            if verb == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def text(self) -> bytes:
        """Read what follows DATA, up to the line with a lone dot.

        Raises:
            ConnectionError: The client is gone before its end.
        """
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionAbortedError("The client is gone in the middle of a mail.")
            lines.append(line)
        return b"".join(lines)


class MailServer(ThreadingTCPServer):
    """Takes mail on a free port.

    Attributes:
        mail: what has been taken, each mail once, in that order.
        sent_again: the Message-IDs of mails that came although they were there.
        put_off: addresses that it does not know yet, with the times that it still says "later" (greylisting).
        unknown_domains: for which it says "never".
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mail: list[Message] = []
        self.sent_again: list[str] = []
        self.put_off: Counter[str] = Counter()
        self.unknown_domains: set[str] = set()
        self._silent_from: int | None = None
        self._speaks = Event()

    @property
    def address(self) -> str:
        return "{}:{}".format(*self.server_address)

    def answer_for(self, recipient: str) -> str:
        if recipient.partition("@")[2] in self.unknown_domains:
            return "550 No such domain"
        if self.put_off[recipient] > 0:
            self.put_off[recipient] -= 1
            return "451 Greylisted, come again"
        return "250 OK"

    def take(self, message: Message) -> None:
        """Put a mail into its mailbox, unless one with its Message-ID is there."""
        if any(message["Message-ID"] == each["Message-ID"] for each in self.mail):
            self.sent_again.append(message["Message-ID"])
        else:
            self.mail.append(message)
        if self.is_silent():
            self._speaks.wait()

    @contextmanager
    def silent_after(self, mails: int) -> Iterator[None]:
        """Take so many mails more within the block, and leave whoever sends the last of them waiting for an answer."""
        self._speaks.clear()
        self._silent_from = len(self.mail) + mails
        try:
            yield
        finally:
            self._silent_from = None
            self._speaks.set()

    def is_silent(self) -> bool:
        return self._silent_from is not None and len(self.mail) >= self._silent_from

    def mail_to(self, recipient: str) -> list[Message]:
        return [message for message in self.mail if message["To"] == recipient]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take mail until the block ends."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="mail server", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()
            thread.join()
