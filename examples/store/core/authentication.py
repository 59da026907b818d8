"""How a request says who sends it, beside Django's session."""

from rest_framework.authentication import BasicAuthentication
from rest_framework.request import Request


class ChallengingBasicAuthentication(BasicAuthentication):
    """HTTP Basic whose challenge leaves the page's own scripts alone.

    A browser answers a script's `Basic` challenge with a password window of its own; the page shows its form instead.
    """

    www_authenticate_realm = "store"

    def authenticate_header(self, request: Request) -> str:
        if request.headers.get("X-Requested-With") == "fetch":
            return 'Session realm="store"'
        return super().authenticate_header(request)
