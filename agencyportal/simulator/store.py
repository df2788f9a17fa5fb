"""The one lock, the clock and the file that outlives a restart."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from pathlib import Path

from agencyportal.simulator.saved import world_from_json, world_to_json
from agencyportal.simulator.state import World
from agencyportal.simulator.worlds import build_world


class StateError(Exception):
    """The state file cannot be used; the message says what to do."""


class Store:
    """Holds the world. Callers hold `lock` while they read or change it.

    Tokens must survive a restart as they are, so the file holds them in clear and
    is readable by its owner only. They open nothing but this simulator.
    """

    def __init__(
        self, path: Path | None = None, *, world: str = "demo", fresh: bool = False
    ) -> None:
        self.lock = threading.RLock()
        self.path = path
        self.is_dirty = True
        stored = None if fresh or path is None else self._read(path)
        self.world: World = stored or build_world(world)
        self.save()

    def now(self) -> float:
        """Return the simulated time in epoch seconds."""
        return time.time() + self.world.clock_offset

    def reset(self, name: str) -> None:
        """Start again with a named world; raise KeyError for an unknown name."""
        self.world = build_world(name)
        self.is_dirty = True

    def save(self) -> None:
        """Write the file if anything changed, whole or not at all."""
        if not self.is_dirty:
            return
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(world_to_json(self.world))
            draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(text)
                draft.replace(self.path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        self.is_dirty = False

    @staticmethod
    def _read(path: Path) -> World | None:
        try:
            return world_from_json(json.loads(path.read_text()))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise StateError(
                f"The state file {path} is not of this version ({error})."
                " Start once with --fresh to begin a new one."
            ) from None
        except OSError as error:
            raise StateError(
                f"The state file {path} cannot be read: {error.strerror}."
                " Name another one with --state."
            ) from None
