"""The answer to a request that came too late."""

from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """409: what the request asks for does not fit what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
