"""Who plays in the browser tests beside the demo's own people.

Each test has a client of its own, so none depends on what another has left.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Extra:
    """One more client of Mira's, and the login its contact has at the simulator."""

    client: str
    contact: str
    person: str

    @property
    def email(self) -> str:
        return f"{self.person}@{self.client.lower().replace(' ', '')}.example"

    @property
    def account(self) -> str:
        """One of the three ad accounts the scenario "happy" gives the login."""
        return f"{self.contact.split()[0]} Nordics"


MEASURED = (
    Extra("Aster Lamps", "Ada Aster", "ada"),
    Extra("Birch Tools", "Ben Birch", "ben"),
    Extra("Cedar Soap", "Cleo Cedar", "cleo"),
    Extra("Dune Tents", "Dora Dune", "dora"),
    Extra("Jade Yarns", "Juno Jade", "juno"),
)
WITHOUT_SCRIPT = Extra("Elm Bikes", "Eli Elm", "eli")
BY_KEYBOARD = Extra("Fern Tea", "Fay Fern", "fay")
ADMIN_ROLE = Extra("Gorse Mills", "Gus Gorse", "gus")
OTHER_BROWSER = Extra("Heath Wool", "Hal Heath", "hal")
PREVIEWED = Extra("Iris Glass", "Ida Iris", "ida")
REMINDED = Extra("Larch Rugs", "Lia Larch", "lia")
APPROVING = Extra("Maple Pens", "Lea Maple", "lea")
REFUSING = Extra("Moss Mugs", "Max Moss", "max")
INVITING = Extra("Nettle Soup", "Nia Nettle", "nia")
LINKED = Extra("Oak Looms", "Ola Oak", "ola")
UNHEARD = Extra("Palm Kites", "Pia Palm", "pia")
LESSER = Extra("Quince Jam", "Quin Quince", "quin")
TRYING = Extra("Reed Baskets", "Ria Reed", "ria")
STAFFED = Extra("Sage Bells", "Sol Sage", "sol")
LEDGER = Extra("Teal Boots", "Tia Teal", "tia")
TYPED = Extra("Kelp Labs", "Kim Kelp", "kim")


@dataclass(frozen=True)
class Typist:
    """A colleague of the tests who signs in at the real door."""

    email: str = "kay.board@northlight.example"
    name: str = "Kay Board"
    password: str = "a long enough passphrase"
    secret: str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


TYPIST = Typist()

EXTRA = (
    *MEASURED,
    WITHOUT_SCRIPT,
    BY_KEYBOARD,
    ADMIN_ROLE,
    OTHER_BROWSER,
    PREVIEWED,
    REMINDED,
    APPROVING,
    REFUSING,
    INVITING,
    LINKED,
    UNHEARD,
    LESSER,
    TRYING,
    STAFFED,
    LEDGER,
    TYPED,
)
