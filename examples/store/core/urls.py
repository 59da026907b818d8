"""Addresses under /auth/."""

from django.urls import path

from core.views import LoginView, LogoutView, RegisterView

urlpatterns = [
    path("users/", RegisterView.as_view()),
    path("login/", LoginView.as_view()),
    path("logout/", LogoutView.as_view()),
]
