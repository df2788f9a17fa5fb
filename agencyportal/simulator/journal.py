"""Counters and the last requests, since the start or the last reset."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

KEPT = 500


class Journal:
    """Counts API calls per endpoint. No token, code or secret ever enters it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[str, dict[str, int]] = {}
        self._records: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, endpoint: str, record: dict[str, Any]) -> None:
        """Count one call; anything but HTTP 200 with code 0 is an error."""
        is_error = record["status"] != 200 or record["code"] != 0
        with self._lock:
            counter = self._counters.setdefault(endpoint, {"calls": 0, "errors": 0})
            counter["calls"] += 1
            counter["errors"] += is_error
            self._records.append(record)

    def counters(self) -> dict[str, dict[str, int]]:
        with self._lock:
            return {name: dict(row) for name, row in sorted(self._counters.items())}

    def last(self, count: int) -> list[dict[str, Any]]:
        """Return the newest records, oldest first."""
        with self._lock:
            return list(self._records)[-count:] if count else []

    def clear(self) -> None:
        with self._lock:
            self._counters.clear()
            self._records.clear()
