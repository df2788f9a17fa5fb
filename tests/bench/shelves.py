"""Databases of the bench's own: migrated once, copied, each opened when its turn is.

The suite's connections stay what they are. A shelf's takes the place of `default`
while it is open, so that two books can be read in turns in one process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


class Shelf:
    """One database; `open()` makes it the one everybody speaks to."""

    def __init__(self, wrapper: Any) -> None:
        self.wrapper = wrapper

    def open(self) -> Any:
        connections[DEFAULT_DB_ALIAS] = self.wrapper
        return self.wrapper


@contextmanager
def shelves(names: Sequence[str]) -> Iterator[dict[str, Shelf]]:
    """Yield an empty, migrated database for each name; all are gone afterwards."""
    first: Any = connections[DEFAULT_DB_ALIAS]
    old_name = first.settings_dict["NAME"]
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        if first.vendor == "sqlite":
            first.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        first.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        first.close()  # a copy is made of what has reached the file
        made = {name: _copy(first, name) for name in names}
        try:
            yield made
        finally:
            connections[DEFAULT_DB_ALIAS] = first
            for name, shelf in made.items():
                shelf.wrapper.close()
                first.creation.destroy_test_db(suffix=name, verbosity=0)
            first.creation.destroy_test_db(old_name, verbosity=0)


def _copy(first: Any, name: str) -> Shelf:
    first.creation.clone_test_db(suffix=name, verbosity=0, autoclobber=True)
    wrapper: Any = connections.create_connection(DEFAULT_DB_ALIAS)
    wrapper.settings_dict = first.creation.get_test_db_clone_settings(name)
    return Shelf(wrapper)
