"""`python -m tests.bench` measures and prints one table.

Every `bench_*.py` in this folder has a `measure()` that yields rows. Django is set up
with the suite's environment; a bench that needs a database makes its own.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import tests.environment  # noqa: F401 (sets the variables Django reads)
from tests.bench.table import Row, draw


def measure_all(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.glob("bench_*.py")):
        print(f"Measuring {path.stem.removeprefix('bench_')}", file=sys.stderr)
        yield from importlib.import_module(f"tests.bench.{path.stem}").measure()


def main() -> int:
    import django

    django.setup()
    rows = list(measure_all(Path(__file__).parent))
    print(draw(rows) if rows else "There is nothing to measure yet.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
