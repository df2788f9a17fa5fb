from __future__ import annotations

from tests.simulated import our_side, owner, running, tiktok  # noqa: F401  fixtures
