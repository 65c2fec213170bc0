"""Tables for operators to look at; people and roles are changed on the Manage pages, which keep a record."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import ApiToken, Role, Team, User


class ReadOnly(admin.ModelAdmin):
    """Rows to look at and nothing to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(User)
class UserAdmin(ReadOnly):
    """People and agents' users, without their password hashes."""

    list_display = ["email", "name", "is_active", "is_agent", "last_login"]
    search_fields = ["email", "name"]
    exclude = ["password"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Tokens, without their digests."""

    list_display = ["prefix", "name", "user", "expires_at", "last_used_at", "revoked_at"]
    exclude = ["digest"]


@admin.register(Role)
class RoleAdmin(ReadOnly):
    """Roles."""

    list_display = ["code", "name", "visibility"]


admin.site.register(Team, ReadOnly)
