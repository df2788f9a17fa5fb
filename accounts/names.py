"""Do two names mean the same company? Compared as a person would skim them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TypeVar

Key = TypeVar("Key")

# As alike as "Haldn Outdoor" and "Halden Outdoor", not as "Nordic" and "Nordlys".
ALIKE = 0.85
# A word this short says little: "Halden" is worth a look at "Halden Outdoor", "AB" not.
TELLING = 4

LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "ab ag aps as asa bv co company corp corporation cv doo ehf eood gbr gmbh group"
        " holding inc incorporated kft kg kgaa kk lda limited llc llp ltd ltda mbh nv"
        " og ohg oo ou oy oyj plc pte pty pvt sa sarl sas sasu se sl slu sp spa srl sro"
        " ug z",
    )
)
JOINING_WORDS = frozenset(
    re.findall(r"\w+", "a and da de der di die du e et la le och og the und y")
)
# Letters that Unicode does not take apart into a base letter and a mark.
WHOLE_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
SILENT = ".'\N{RIGHT SINGLE QUOTATION MARK}"


def resembling(name: str, known: Iterable[tuple[Key, str]]) -> list[Key]:
    """Return the keys of the known names that could be the same company's."""
    wanted = _skim(name)
    if not wanted:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(" ".join(wanted))
    return [key for key, other in known if _is_alike(matcher, wanted, _skim(other))]


def _is_alike(matcher: SequenceMatcher[str], mine: list[str], other: list[str]) -> bool:
    if _is_part(mine, other) or _is_part(other, mine):
        return True
    matcher.set_seq1(" ".join(other))
    # The first two are quick and never too low: most names end there.
    return (
        matcher.real_quick_ratio() >= ALIKE
        and matcher.quick_ratio() >= ALIKE
        and matcher.ratio() >= ALIKE
    )


def _is_part(few: list[str], many: list[str]) -> bool:
    return len("".join(few)) >= TELLING and set(few) <= set(many)


def _skim(name: str) -> list[str]:
    """Return the telling words in order of the alphabet: no marks, no legal form.

    A name of nothing else keeps all its words.
    """
    plain = name.casefold().translate(WHOLE_LETTERS)
    letters = "".join(
        one if one.isalnum() else "" if one in SILENT else " "
        for one in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(one)
    )
    words = sorted(letters.split())
    telling = [word for word in words if word not in LEGAL_FORMS | JOINING_WORDS]
    return telling or words
