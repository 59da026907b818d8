from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    """Stock."""

    name = "warehouse"
