"""What every door of the simulator works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from agencyportal.simulator.arming import Ambush
from agencyportal.simulator.journal import Journal
from agencyportal.simulator.store import Store
from agencyportal.simulator.traffic import Traffic


@dataclass
class Context:
    """The store, the journal and both origins.

    `tickets` holds where a browser goes once it has hopped over the second origin;
    `ambush` the faults that wait for calls; `traffic` counts what refresh tokens do.
    """

    store: Store
    journal: Journal
    base_url: str
    second_url: str
    tickets: dict[str, str] = field(default_factory=dict)
    ambush: Ambush = field(default_factory=Ambush)
    traffic: Traffic = field(default_factory=Traffic)
