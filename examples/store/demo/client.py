"""A client of the store's HTTP API, as any program could be: the standard library and nothing of the store."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

# The store is on this machine; a proxy named in the environment is not asked.
opener = build_opener(ProxyHandler({}))


class RefusedError(Exception):
    """The store refused a request; the message has its answer."""


class StoreClient:
    """Sends JSON and returns JSON, and tells of each request and each answer.

    Raises:
        RefusedError: The store answered with an error.
    """

    def __init__(self, address: str, tell: Callable[[str], None]) -> None:
        self.address = address
        self.tell = tell
        self.headers = {"Content-Type": "application/json"}

    def log_in(self, username: str, password: str) -> None:
        """Send this user's name and password with every later request (HTTP Basic)."""
        self.headers["Authorization"] = "Basic " + b64encode(f"{username}:{password}".encode()).decode()

    def get(self, path: str) -> Any:
        return self._send(Request(self.address + path, headers=self.headers))

    def post(self, path: str, **body: Any) -> Any:
        return self._send(Request(self.address + path, json.dumps(body).encode(), self.headers))

    def _send(self, request: Request) -> Any:
        self.tell(f"  {request.get_method()} {request.selector}")
        try:
            with opener.open(request, timeout=30) as response:
                self.tell(f"      {response.status} {response.reason}")
                return json.load(response)
        except HTTPError as error:
            raise RefusedError(f"{request.selector} answered {error.code}: {error.read().decode()}") from error
