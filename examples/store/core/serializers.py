"""Users as JSON."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as InvalidPassword
from django.db import IntegrityError, transaction
from rest_framework import serializers

from core.models import User


class RegistrationSerializer(serializers.ModelSerializer):
    """Makes a user. The customer that belongs to it is made by a receiver of `post_save`."""

    class Meta:
        model = User
        fields = ("id", "username", "email", "password")
        extra_kwargs = {"password": {"write_only": True, "trim_whitespace": False}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = User(username=attrs["username"], email=attrs["email"])
        try:
            validate_password(attrs["password"], user)
        except InvalidPassword as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return attrs

    def create(self, validated_data: dict[str, Any]) -> User:
        try:
            with transaction.atomic():
                return User.objects.create_user(**validated_data)
        except IntegrityError as error:
            # Another client took the name between the check and the write.
            raise serializers.ValidationError("A user with that username or e-mail address already exists.") from error


class LoginSerializer(serializers.Serializer):
    """A username and a password."""

    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)
