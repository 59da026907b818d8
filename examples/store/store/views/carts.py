"""Carts and their items. Each change holds the cart's row, so that no item slips into a cart that is being ordered."""

from django.db import transaction
from rest_framework.generics import CreateAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from store.models import Cart, CartItem
from store.serializers.carts import AddItemSerializer, CartItemSerializer, CartSerializer, ChangeItemSerializer


def held_cart(cart_id: str) -> Cart:
    """Return the cart, locked until the transaction ends; a 404 without it."""
    return get_object_or_404(Cart.objects.select_for_update(), pk=cart_id)


class CartsView(CreateAPIView):
    """Begin an empty cart."""

    queryset = Cart.objects.all()
    serializer_class = CartSerializer


class CartView(RetrieveAPIView):
    """One cart."""

    queryset = Cart.objects.prefetch_related("items__product")
    serializer_class = CartSerializer


class CartItemsView(APIView):
    """Put a product into a cart."""

    @transaction.atomic
    def post(self, request: Request, pk: str) -> Response:
        cart = held_cart(pk)
        form = AddItemSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(CartItemSerializer(form.save(cart=cart)).data, status=201)


class CartItemView(APIView):
    """Change or remove a line of a cart."""

    @transaction.atomic
    def patch(self, request: Request, pk: str, item_pk: str) -> Response:
        item = self._item(pk, item_pk)
        form = ChangeItemSerializer(item, data=request.data)
        form.is_valid(raise_exception=True)
        return Response(CartItemSerializer(form.save()).data)

    @transaction.atomic
    def delete(self, request: Request, pk: str, item_pk: str) -> Response:
        self._item(pk, item_pk).delete()
        return Response(status=204)

    def _item(self, pk: str, item_pk: str) -> CartItem:
        return get_object_or_404(held_cart(pk).items.select_related("product"), pk=item_pk)
