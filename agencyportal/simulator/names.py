"""Names and ids that people meet on screens. Every one is invented."""

from __future__ import annotations

import hashlib

# Ids that people meet on screens; all others follow from their names.
KNOWN_IDS = {
    "Northlight Agency": "7210334451890176002",
    "Northlight Nordic": "7255901338741284866",
    "Halden Nordics": "7301846225110446081",
    "Halden DACH": "7318820417735294978",
    "Halden UK": "7326644102937714689",
    "Halden Retail Partners": "7289900134476521473",
    "Halden Archive": "7204417719283302401",
}

COMPANIES: dict[str, tuple[str, ...]] = {
    "sofia": ("Halden Outdoor",),
    "dana": ("Brightwater Clinics",),
    "paolo": ("Osteria Lume",),
    "ines": ("Kestrel Cycles",),
    "maren": ("Maren Home",),
    "oskar": ("Blom Ceramics",),
    "greta": ("Vance Motors",),
    "yusuf": ("Demir Bakery",),
    "ruth": ("Calder Books",),
    "nadia": ("Fjord Coffee", "Alder and Pine"),
    "hugo": ("Lang Optics",),
    "elin": ("Strand Sauna",),
    "marco": ("Bianchi Tiles",),
}
COMPANIONS = {
    "sofia-partner": ("Erik Nyman", "erik@haldenretail.example"),
    "paolo-admin": ("Lucia Ferri", "lucia@osterialume.example"),
}


def make_id(name: str, *, kind: int) -> str:
    """Return a stable decimal id above 2**53 for a name; `kind` is its first digits."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return str(kind * 10**17 + digest % 10**17)
