"""The shop page: one page, whose scripts use the same HTTP API as any other client."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import TemplateView

from store.models import Collection


@method_decorator([ensure_csrf_cookie, never_cache], name="dispatch")
class ShopPage(TemplateView):
    """The page with all its parts; the address after the `#` says which part is seen."""

    template_name = "storefront/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(collections=Collection.objects.all(), **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        # Scripts, styles and pictures are the store's own files, and nothing is written into the page itself.
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        return response
