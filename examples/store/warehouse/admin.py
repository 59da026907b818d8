"""The stock book in the admin."""

from django.contrib import admin

from core.read_only import ReadOnly
from warehouse.models import StockMovement


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("booked_at", "product", "quantity", "order_number")
    list_select_related = ("product",)
    search_fields = ("product__title", "=order_number")
