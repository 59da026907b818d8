from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    """Points for loyal customers."""

    name = "loyalty"
