"""Desks of the examiners."""

from audit.admin import trail  # noqa: F401
