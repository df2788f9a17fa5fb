from __future__ import annotations

from tests.accounts.admin import conftest as desks

aurora = desks.aurora
mira = desks.mira
priya = desks.priya
noa = desks.noa
desk = desks.desk
