from __future__ import annotations

from tests import simulated

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side
