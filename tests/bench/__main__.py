"""`python -m tests.bench` measures, prints one table, and fails on a missed bound.

Every `bench_*.py` in this folder has a `measure()` that yields rows. Django is set up
with the suite's environment; a bench that needs a database makes its own. Names on the
command line choose: `python -m tests.bench pages`.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import tests.environment  # noqa: F401 (sets the variables Django reads)
from tests.bench.table import Row, draw


def measure_all(folder: Path, wanted: Sequence[str]) -> Iterator[Row]:
    for path in sorted(folder.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if wanted and name not in wanted:
            continue
        print(f"Measuring {name}", file=sys.stderr)
        yield from importlib.import_module(f"tests.bench.{path.stem}").measure()


def main(wanted: Sequence[str]) -> int:
    import django

    django.setup()
    logging.disable(logging.INFO)  # the table is what is wanted
    rows = list(measure_all(Path(__file__).parent, wanted))
    print(draw(rows) if rows else "There is nothing to measure.")
    missed = [row.what for row in rows if not row.is_met]
    if missed:
        print(f"Missed: {', '.join(missed)}", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
