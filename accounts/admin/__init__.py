"""The desks of the books, one a noun."""

from accounts.admin import (  # noqa: F401
    assets,
    clients,
    connections,
    creators,
    grants,
    limits,
    members,
    people,
    posts,
    spark,
)
