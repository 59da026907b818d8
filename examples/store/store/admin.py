"""The store's rows in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from store.models import Cart, CartItem, Collection, Customer, Order, OrderItem, Product


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ("title", "slug")
    prepopulated_fields = {"slug": ["title"]}


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("title", "collection", "unit_price", "stock")
    list_filter = ("collection",)
    search_fields = ("title", "description")


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("user", "phone")
    search_fields = ("user__username", "user__email")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A customer comes with its user."""
        return False


class CartItemInline(admin.TabularInline):
    model = CartItem
    extra = 0


@admin.register(Cart)
class CartAdmin(admin.ModelAdmin):
    list_display = ("id", "created_at")
    inlines = (CartItemInline,)


def is_paid(order: Order | None) -> bool:
    return order is not None and order.payment_status == Order.Payment.COMPLETE


class OrderItemInline(admin.TabularInline):
    """An order's lines: one can be struck out, which puts its stock back; none added or changed afterwards."""

    model = OrderItem
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_paid(obj)


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("id", "customer", "placed_at", "payment_status", "paid_at")
    list_filter = ("payment_status",)
    list_select_related = ("customer__user",)
    readonly_fields = ("customer", "cart_id", "placed_at", "paid_at")
    inlines = (OrderItemInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An order comes from a cart."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_paid(obj)
