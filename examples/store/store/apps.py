"""The receivers in `signals/handlers.py` are found by `heliograph`; nothing needs to be imported in `ready()`."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Catalogue, carts and orders."""

    name = "store"
