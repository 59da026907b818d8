"""Registering, logging in and out."""

from django.contrib.auth import authenticate, login, logout
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.generics import CreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.serializers import LoginSerializer, RegistrationSerializer


class RegisterView(CreateAPIView):
    """Make a user."""

    serializer_class = RegistrationSerializer


class LoginView(APIView):
    """Begin a session, as the shop page does; a program sends HTTP Basic with each request instead."""

    authentication_classes = ()

    def post(self, request: Request) -> Response:
        # There is no user yet, so that nothing else asks for the token.
        SessionAuthentication().enforce_csrf(request)
        form = LoginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = authenticate(request, **form.validated_data)
        if user is None:
            raise ValidationError({"detail": "That username and password do not belong together."})
        login(request._request, user)
        return Response({"username": user.get_username(), "email": user.email})


class LogoutView(APIView):
    """End the session."""

    def post(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)
