"""A pooler in transaction mode: each transaction of a client may be run by another session of the server.

Usage: python pooler.py DSN SESSIONS. It prints the port of 127.0.0.1 on which it listens. Clients are not asked for a
password.
"""

import contextlib
import os
import random
import socket
import struct
import sys
import threading

import psycopg

ASKED_FOR_ENCRYPTION = {80877103, 80877104}
PROTOCOL_3 = 196608
#: Messages of the extended protocol that the server answers only once a Sync has come.
WAIT_FOR_SYNC = b"PBDECHdcf"


#: What the server tells each client about itself.
TOLD = ("server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings")


class Session:
    """One session of the server."""

    def __init__(self, dsn: str) -> None:
        self._opened = psycopg.connect(dsn, autocommit=True, sslmode="disable", gssencmode="disable")
        self.socket = socket.socket(fileno=os.dup(self._opened.fileno()))
        self.socket.setblocking(True)

    def told(self) -> bytes:
        """Return what the server has told of itself, as messages."""
        values = [(each, self._opened.info.parameter_status(each) or "") for each in TOLD]
        texts = [f"{name}\0{value}\0".encode() for name, value in values]
        return b"".join(b"S" + struct.pack("!I", len(text) + 4) + text for text in texts)


def received(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        some = connection.recv(count - len(found))
        if not some:
            raise EOFError
        found += some
    return found


def message(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the kind of the next message, and all of it."""
    kind, length = received(connection, 1), received(connection, 4)
    return kind, kind + length + received(connection, struct.unpack("!I", length)[0] - 4)


def begin(client: socket.socket) -> bool:
    """Take note of a client, and tell whether it is one: requests to cancel are none."""
    while True:
        (length,) = struct.unpack("!I", received(client, 4))
        (code,) = struct.unpack("!I", received(client, length - 4)[:4])
        if code not in ASKED_FOR_ENCRYPTION:
            return code == PROTOCOL_3
        client.sendall(b"N")


def serve(client: socket.socket, told: bytes, sessions: list[Session], free: threading.Condition) -> None:
    """Run the transactions of a client, each in any session that is free."""
    session = None
    try:
        if not begin(client):
            return
        key = struct.pack("!III", 12, random.getrandbits(31), random.getrandbits(31))
        client.sendall(b"R" + struct.pack("!II", 8, 0) + told + b"K" + key + b"Z" + struct.pack("!I", 5) + b"I")
        while True:
            kind, whole = message(client)
            if kind == b"X":
                return
            if session is None:
                session = taken(sessions, free)
            session.socket.sendall(whole)
            if kind not in WAIT_FOR_SYNC and answered(session, client) == b"I":
                given_back(session, sessions, free)
                session = None
    except (EOFError, OSError):
        return
    finally:
        client.close()
        if session is not None:  # in the middle of a transaction: the server rolls back what is open
            session.socket.close()


def answered(session: Session, client: socket.socket) -> bytes:
    """Hand on the server's answers, and return in what state they leave the transaction."""
    kind = b""
    while kind != b"Z":
        kind, whole = message(session.socket)
        client.sendall(whole)
    return whole[-1:]


def taken(sessions: list[Session], free: threading.Condition) -> Session:
    with free:
        free.wait_for(lambda: sessions)
        return sessions.pop(random.randrange(len(sessions)))


def given_back(session: Session, sessions: list[Session], free: threading.Condition) -> None:
    with free:
        sessions.append(session)
        free.notify()


def main(dsn: str, count: str) -> None:
    sessions = [Session(dsn) for _ in range(int(count))]
    told = sessions[0].told()
    free = threading.Condition()
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    while True:
        client, _ = listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(client, told, sessions, free), daemon=True).start()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*sys.argv[1:])
