"""Points in the admin."""

from django.contrib import admin

from core.read_only import ReadOnly
from loyalty.models import PointsAccount, PointsEntry


class PointsEntryInline(ReadOnly, admin.TabularInline):
    model = PointsEntry
    fields = readonly_fields = ("booked_at", "order_number", "points", "balance")


@admin.register(PointsAccount)
class PointsAccountAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("customer", "points")
    list_select_related = ("customer__user",)
    search_fields = ("customer__user__username", "customer__user__email")
    inlines = (PointsEntryInline,)
