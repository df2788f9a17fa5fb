"""The desks of the books: one noun a file, found here by the admin."""

from accounts.admin import people

__all__ = ["people"]
