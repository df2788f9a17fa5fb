"""How refresh tokens are used: what is under way at once, and what is used again."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Account:
    """What one creator's account has seen. `most` is at once, for one token."""

    calls: int = 0
    renewed: int = 0
    reused: int = 0
    most: int = 0


@dataclass
class Traffic:
    """Counts by account, and knows tokens only by fingerprint, while under way."""

    accounts: dict[str, Account] = field(default_factory=dict)
    parallel: int = 0
    most_of_all: int = 0
    _under_way: Counter[str] = field(default_factory=Counter)
    _second: tuple[int, int] = (0, 0)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, token: str, open_id: str) -> None:
        """A refresh with this token has come in; call `leave` when it is answered."""
        with self._lock:
            account = self._account(open_id)
            self._under_way[token] += 1
            account.calls += 1
            account.most = max(account.most, self._under_way[token])
            self.parallel += self._under_way[token] > 1
            self.most_of_all = max(self.most_of_all, self._under_way.total())

    def leave(self, token: str) -> None:
        with self._lock:
            self._under_way[token] -= 1
            if self._under_way[token] <= 0:
                del self._under_way[token]

    def renewed(self, open_id: str) -> None:
        with self._lock:
            self._account(open_id).renewed += 1

    def reused(self, open_id: str) -> None:
        """A token came that another has replaced."""
        with self._lock:
            self._account(open_id).reused += 1

    def is_over(self, limit: int, now: float) -> bool:
        """Count one call of the app in its second; True above the limit."""
        with self._lock:
            second, calls = self._second
            calls = calls + 1 if second == int(now) else 1
            self._second = (int(now), calls)
            return 0 < limit < calls

    def counters(self) -> dict[str, Any]:
        with self._lock:
            rows = self.accounts.values()
            return {
                "calls": sum(row.calls for row in rows),
                "renewed": sum(row.renewed for row in rows),
                "reused": sum(row.reused for row in rows),
                "parallel": self.parallel,
                "most_for_one_token": max((row.most for row in rows), default=0),
                "most_at_once": self.most_of_all,
                "under_way": self._under_way.total(),
                "accounts": {name: asdict(row) for name, row in self.accounts.items()},
            }

    def clear(self) -> None:
        """Forget what was counted; what is under way stays so."""
        with self._lock:
            self.accounts.clear()
            self.parallel = self.most_of_all = 0

    def _account(self, open_id: str) -> Account:
        return self.accounts.setdefault(open_id, Account())
