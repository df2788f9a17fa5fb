"""What the scenario table promises, looked for on the pages that were shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agencyportal.simulator.faults import FAULTS
from tests.faults.journeys import READING_BACK, SHARING, Journey


def broken_promises(journey: Journey, fault: str, place: str) -> list[str]:
    """Return what was promised to staff or client and is on no page.

    Nothing is promised where a fault did no harm.
    """
    if journey.is_unharmed():
        return []
    promised, stage = FAULTS[fault], journey.stage
    broken = []
    if promised.staff and not _is_told(promised.staff, stage.staff_pages()):
        broken.append(f"to staff: {' / '.join(promised.staff)}")
    for_client = {SHARING: promised.sharing, READING_BACK: promised.reading_back}
    sentence = for_client.get(place, promised.signing_in)
    if stage.told_client and not _is_told([sentence], stage.told_client):
        broken.append(f"to the client: {sentence}")
    return broken


def _is_told(sentences: Iterable[str], pages: Iterable[str]) -> bool:
    """True when any of the sentences stands on any of the pages."""
    return any(
        re.search(_pattern(sentence), _plain(page))
        for page in pages
        for sentence in sentences
    )


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def _pattern(sentence: str) -> str:
    """ "…" stands for a name, an address or a time."""
    return ".{1,120}?".join(map(re.escape, sentence.split("…")))
