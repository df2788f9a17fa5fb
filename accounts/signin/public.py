"""The marker of pages that a signed-in colleague may open before the second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required

View = TypeVar("View", bound=Callable[..., Any])


def public_page(view: View) -> View:
    """Mark a view as made for people without an account.

    Everything unmarked stays behind the second factor. Such a page must show staff
    nothing that it would not show a stranger.
    """
    view.is_public_page = True  # type: ignore[attr-defined]
    return login_not_required(view)


def is_public_page(view: Callable[..., Any]) -> bool:
    return getattr(view, "is_public_page", False) is True
