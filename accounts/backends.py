"""Who may sign in, and what the roles of a signed-in person allow."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.access import reach


class RoleBackend(AuthenticationBackend):
    """Signs people in by e-mail address and password, and answers ``user.has_perm`` from their roles."""

    _did_check_password: bool

    def user_can_authenticate(self, user: Any) -> bool:
        """People who are switched on; an agent's user never, whatever its password."""
        return user is not None and super().user_can_authenticate(user) and not user.is_agent

    def _check_password(self, user: Any, password: str) -> Any:
        # allauth would send somebody who is switched off to a page that says so, and so tell a stranger that the
        # password was right. Every refusal reads the same here.
        self._did_check_password = self._did_check_password or user is not None
        return user if user and user.check_password(password) and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The permissions of all roles of ``user_obj``; rows are a matter of ``accounts.access``, not of ``obj``."""
        return set(reach(user_obj).permissions)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Nothing is granted to a person directly."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Roles take the place of Django's groups."""
        return self.get_all_permissions(user_obj, obj)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a role of ``user_obj`` grants ``perm``."""
        return perm in reach(user_obj).permissions

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether a role of ``user_obj`` grants anything of ``app_label``."""
        return any(perm.startswith(f"{app_label}.") for perm in reach(user_obj).permissions)
