"""A customer's own record."""

from rest_framework.generics import RetrieveAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated

from store.models import Customer
from store.serializers.customers import CustomerSerializer


class MyCustomerView(RetrieveAPIView):
    """The customer of the user who asks."""

    serializer_class = CustomerSerializer
    permission_classes = (IsAuthenticated,)

    def get_object(self) -> Customer:
        return get_object_or_404(Customer.objects.select_related("user"), user=self.request.user)
