from __future__ import annotations

from tests import simulated
from tests.accounts.flows import posted, sparked

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side
desk = posted.desk
sparks = sparked.sparks
