"""Reads the sources for what points the wrong way; the rules are literals here.

A room may use the rooms on its own row or on an earlier one. A file that stands alone
in an app (`accounts/ladder.py`) is a room of its own name.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

APPS = ("accounts", "onboarding", "audit", "agencyportal")

# Inside accounts, as the code stands. `apps` fills the sockets when Django starts.
ACCOUNTS_ROOMS = (
    ("trail", "roles", "vocabulary", "names", "zones"),
    ("outbound",),
    ("vault", "letters", "qr", "ics"),
    ("platforms",),
    ("models",),
    ("flows", "ladder", "signin", "standing", "working", "center_admins", "keys"),
    ("rows", "spark_rows", "post_rows", "post_days", "tasks", "fixes", "capacity"),
    ("admin", "public", "management"),
    ("apps",),
)

# Where a name of something to the right may stand in a string: the roof's own papers.
NAMES_ALLOWED = (
    "agencyportal/settings.py",
    "agencyportal/urls.py",
    "agencyportal/menu.py",
    "agencyportal/schedules.py",
)

# The sockets: what is plugged in there is named, not imported.
SOCKETS = ("react", "add_panel", "add_act")

# What the trail may import besides the standard library and itself.
TRAIL_MAY_IMPORT = {"django", "django_q"}

_NAME = re.compile(rf"(?<![\w./@-])(?:\w+:)?({'|'.join(APPS)})[._/]\w")


@dataclass(frozen=True)
class Source:
    """One file: `path` as in the repository, `text` as it would be there."""

    path: str
    text: str

    @property
    def app(self) -> str:
        return self.path.split("/")[0]

    @property
    def room(self) -> str:
        return self.path.split("/")[1].removesuffix(".py")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def is_under(self, folder: str) -> bool:
        return self.path.startswith(f"{folder}/") or self.path == f"{folder}.py"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield (line, dotted name) of every import, those inside functions too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from (
                    (node.lineno, f"{base}.{alias.name}") for alias in node.names
                )

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.split("/")[: -node.level]
        return ".".join([*package, *filter(None, [node.module])])

    def names(self) -> Iterator[tuple[int, str, str]]:
        """Yield (line, app, text) of string literals that name something of ours.

        Docstrings are prose; what is handed to a socket is what sockets are for.
        """
        spared = set(self._docstrings()) | set(self._socket_arguments())
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if id(node) in spared:
                continue
            for found in _NAME.finditer(node.value):
                yield node.lineno, found[1], node.value

    def _docstrings(self) -> Iterator[int]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield id(node.value)

    def _socket_arguments(self) -> Iterator[int]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and _name_of(node.func) in SOCKETS:
                yield from (id(inner) for inner in ast.walk(node))


def _name_of(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


@dataclass
class Findings:
    """Sentences, one a fault, in the order of the files."""

    sentences: list[str] = field(default_factory=list)

    def add(self, source: Source, line: int, sentence: str) -> None:
        self.sentences.append(f"{source.path}:{line} {sentence}")


def sources_under(root: Path) -> list[Source]:
    """Return every Python file of the product; migrations are history, not design."""
    return [
        Source(path.relative_to(root).as_posix(), path.read_text())
        for app in APPS
        for path in sorted((root / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def apps_out_of_order(sources: list[Source]) -> list[str]:
    found = Findings()
    for source in sources:
        for line, name in source.imports():
            app = name.split(".")[0]
            if app in APPS and APPS.index(app) > APPS.index(source.app):
                found.add(source, line, f"imports {name}; {app} stands to its right.")
    return found.sentences


def names_out_of_order(sources: list[Source]) -> list[str]:
    found = Findings()
    for source in sources:
        if source.path in NAMES_ALLOWED:
            continue
        for line, app, text in source.names():
            if APPS.index(app) > APPS.index(source.app):
                found.add(
                    source,
                    line,
                    f"names {text!r}: an import in disguise. Let {app} plug it in.",
                )
    return found.sentences


def rooms_out_of_order(sources: list[Source]) -> list[str]:
    rows = {room: row for row, rooms in enumerate(ACCOUNTS_ROOMS) for room in rooms}
    found = Findings()
    for source in sources:
        if source.app != "accounts" or source.room == "__init__":
            continue
        if source.room not in rows:
            found.add(source, 1, "is a room ACCOUNTS_ROOMS does not place yet.")
            continue
        for line, name in source.imports():
            parts = name.split(".")
            if parts[0] == "accounts" and rows.get(parts[1], 0) > rows[source.room]:
                found.add(source, line, f"imports {name}, a room to its right.")
    return found.sentences


def trail_imports_too_much(sources: list[Source]) -> list[str]:
    found = Findings()
    for source in sources:
        if not source.is_under("accounts/trail"):
            continue
        for line, name in source.imports():
            is_ours = name.startswith("accounts.trail.")
            if not (is_ours or _is_standard(name) or _top(name) in TRAIL_MAY_IMPORT):
                found.add(
                    source, line, f"imports {name}; everything rests on the trail."
                )
    return found.sentences


def simulator_imports_too_much(sources: list[Source]) -> list[str]:
    found = Findings()
    for source in sources:
        if not source.is_under("agencyportal/simulator"):
            continue
        for line, name in source.imports():
            is_own = name.startswith("agencyportal.simulator")
            if not (is_own or _is_standard(name)):
                found.add(
                    source, line, f"imports {name}; it must judge us from outside."
                )
    return found.sentences


def doors_beside_the_one(sources: list[Source]) -> list[str]:
    """Only accounts/outbound speaks HTTP to the world."""
    found = Findings()
    for source in sources:
        if source.is_under("accounts/outbound"):
            continue
        for line, name in source.imports():
            if _top(name) in {"requests", "httpx", "urllib3"}:
                found.add(source, line, f"imports {name}; call through outbound.")
    return found.sentences


def platforms_compared(sources: list[Source], platforms: set[str]) -> list[str]:
    """Capabilities are data: nobody outside asks which platform this is."""
    found = Findings()
    for source in sources:
        if source.is_under("accounts/platforms"):
            continue
        for node in ast.walk(source.tree):
            if _compares(node, platforms):
                found.add(source, node.lineno, "compares with a platform's key.")
    return found.sentences


def _compares(node: ast.AST, platforms: set[str]) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
    elif isinstance(node, ast.MatchValue):
        sides = [node.value]
    else:
        return False
    constants = [inner for side in sides for inner in ast.walk(side)]
    return any(
        isinstance(inner, ast.Constant) and inner.value in platforms
        for inner in constants
    )


def _top(name: str) -> str:
    return name.split(".")[0]


def _is_standard(name: str) -> bool:
    return _top(name) in sys.stdlib_module_names
