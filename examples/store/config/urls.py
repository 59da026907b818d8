"""The store's addresses."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Noonday"

urlpatterns = [
    path("", include("storefront.urls")),
    path("auth/", include("core.urls")),
    path("store/", include("store.urls")),
    path("admin/", admin.site.urls),
]
