"""Who is let in, and who is still in: both end with the last day."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission


class StaffBackend(AuthenticationBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        """False for people switched off or past their last day.

        Django asks this at sign-in and again, through `get_user`, for every request
        of an open session.
        """
        return super().user_can_authenticate(user) and user.may_sign_in

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What their roles may do, read together with the roles."""
        if user_obj.is_superuser or not user_obj.is_active or obj is not None:
            return super().get_group_permissions(user_obj, obj)
        return user_obj.role_permissions

    def _get_user_permissions(self, user: Any) -> Any:
        """None: what somebody may do comes from their role alone, said in one place."""
        return Permission.objects.none()
