"""The address of the shop page."""

from django.urls import path

from storefront.views import ShopPage

urlpatterns = [path("", ShopPage.as_view(), name="shop")]
