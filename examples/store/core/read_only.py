"""Rows that the admin shows and does not change."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """For an admin of rows that receivers alone write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
