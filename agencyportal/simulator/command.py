"""The command line: `python -m agencyportal.simulator --port 8100 --state PATH`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from agencyportal.simulator.paper import fault_paper
from agencyportal.simulator.server import Simulator, is_loopback
from agencyportal.simulator.store import StateError
from agencyportal.simulator.worlds import WORLDS


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="simulator", description="Plays TikTok API for Business v1.3."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument(
        "--port", type=int, default=8100, help="the port above it is used too"
    )
    parser.add_argument(
        "--state", type=Path, help="file that keeps the world; without it, memory"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin anew whatever the file holds"
    )
    parser.add_argument(
        "--world", default="demo", choices=sorted(WORLDS), help="where to begin"
    )
    parser.add_argument(
        "--faults", action="store_true", help="print docs/faults.md and end"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Return 2 when it cannot start."""
    options = make_parser().parse_args(arguments)
    if options.faults:
        print(fault_paper(), end="")
        return 0
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s"
    )
    if not is_loopback(options.host):
        print(
            f"{options.host} is not a loopback address. The simulator hands out"
            " secrets: use 127.0.0.1.",
            file=sys.stderr,
        )
        return 2
    try:
        simulator = Simulator(
            host=options.host,
            port=options.port,
            state=options.state,
            world=options.world,
            fresh=options.fresh,
        )
    except StateError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        print(
            f"Ports {options.port} and {options.port + 1} cannot be used: {error}."
            " Stop what listens there or choose another --port.",
            file=sys.stderr,
        )
        return 2
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with simulator:
        print(f"Simulated TikTok on {simulator.base_url}/", flush=True)
        print(f"Controls: {simulator.base_url}/_control/", flush=True)
        ended.wait()
    return 0
