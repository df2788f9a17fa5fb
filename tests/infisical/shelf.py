"""Projects, environments, folders and secrets with every version they ever had."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.infisical.wire import Refused, something_went_wrong

LARGEST_BODY = 1_050_000
HIDDEN = "<hidden-by-infisical>"


@dataclass
class Secret:
    """Old versions stay readable, even of what was deleted."""

    versions: list[str] = field(default_factory=list)
    is_deleted: bool = False


@dataclass
class Folder:
    secrets: dict[str, Secret] = field(default_factory=dict)

    def find(self, name: str, missing: str) -> Secret:
        secret = self.secrets.get(name)
        if secret is None or secret.is_deleted:
            raise Refused(404, "NotFound", missing.format(name=name))
        return secret


@dataclass
class Shelf:
    """One project: environment -> path -> folder."""

    project_id: str
    environments: dict[str, dict[str, Folder]] = field(
        default_factory=lambda: {slug: {"/": Folder()} for slug in ("dev", "prod")}
    )

    def folder(self, environment: str, path: str, error: str) -> Folder:
        folders = self.environments.get(environment, {})
        found = folders.get("/" + path.strip("/"))
        if found is None:
            message = f"Folder with path '{path}' in environment '{environment}'"
            raise Refused(404, error, f"{message} not found")
        return found

    def make_folder(self, environment: str, parent: str, name: str) -> None:
        """Make a folder and the parents it lacks."""
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise Refused(422, "ValidationFailure", [{"message": "Invalid name"}])
        folders = self.environments.get(environment)
        if folders is None:
            message = f"Environment with slug '{environment}' not found"
            raise Refused(404, "NotFound", message)
        path = f"/{parent.strip('/')}/{name}".replace("//", "/")
        if path in folders:
            message = f"Folder with name '{name}' already exists in path '{parent}'"
            raise Refused(400, "BadRequest", message)
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            folders.setdefault("/" + "/".join(parts[:depth]), Folder())


def as_kept(value: str) -> str:
    """Return what is left of a value: a single final newline survives the trimming."""
    return value.strip() + ("\n" if value.endswith("\n") else "")


def expanded(value: str, folder: Folder) -> str:
    """Return the value as the default read gives it: references filled in, or gone."""

    def fill(match: re.Match[str]) -> str:
        secret = folder.secrets.get(match[1])
        return secret.versions[-1] if secret else ""

    return re.sub(r"\$\{([^}]*)\}", fill, value)


def require_small(size: int) -> None:
    if size > LARGEST_BODY:
        raise something_went_wrong("Create")
