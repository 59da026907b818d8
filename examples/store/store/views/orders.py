"""Orders: placing one, and reading one's own."""

from django.db.models import QuerySet
from rest_framework.generics import ListCreateAPIView, RetrieveAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from store.models import Order
from store.serializers.orders import OrderSerializer, PlaceOrderSerializer


class OwnOrders:
    """What both views may see: the orders of the user who asks. Anyone else's are not there."""

    serializer_class = OrderSerializer
    permission_classes = (IsAuthenticated,)

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.filter(customer__user=self.request.user).prefetch_related("items__product")


class OrdersView(OwnOrders, ListCreateAPIView):
    """One's orders, newest first; a new one from a cart."""

    def create(self, request: Request) -> Response:
        form = PlaceOrderSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return Response(OrderSerializer(form.save()).data, status=201)


class OrderView(OwnOrders, RetrieveAPIView):
    """One order."""
