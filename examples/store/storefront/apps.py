from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """The shop page."""

    name = "storefront"
