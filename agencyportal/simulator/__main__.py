"""`python -m agencyportal.simulator` starts the simulator."""

from __future__ import annotations

import sys

from agencyportal.simulator.command import main

if __name__ == "__main__":
    sys.exit(main())
