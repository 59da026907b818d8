"""Users in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from core.models import User


@admin.register(User)
class StoreUserAdmin(UserAdmin):
    """Django's own page for users, asking for the e-mail address when one is added."""

    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),)
