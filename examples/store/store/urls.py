"""Addresses under /store/."""

from django.urls import path

from store.views.carts import CartItemsView, CartItemView, CartsView, CartView
from store.views.customers import MyCustomerView
from store.views.orders import OrdersView, OrderView
from store.views.products import ProductsView

urlpatterns = [
    path("products/", ProductsView.as_view()),
    path("carts/", CartsView.as_view()),
    path("carts/<str:pk>/", CartView.as_view()),
    path("carts/<str:pk>/items/", CartItemsView.as_view()),
    path("carts/<str:pk>/items/<str:item_pk>/", CartItemView.as_view()),
    path("orders/", OrdersView.as_view()),
    path("orders/<str:pk>/", OrderView.as_view()),
    path("customers/me/", MyCustomerView.as_view()),
]
