"""Browsing."""

from django.db.models import Case, QuerySet, Value, When
from rest_framework.generics import ListAPIView

from store.models import Product
from store.serializers.products import ProductSerializer


class ProductsView(ListAPIView):
    """All products by their titles, the ones in stock first."""

    serializer_class = ProductSerializer

    def get_queryset(self) -> QuerySet[Product]:
        sold_out = Case(When(stock=0, then=Value(1)), default=Value(0))
        return Product.objects.select_related("collection").order_by(sold_out, "title", "id")
