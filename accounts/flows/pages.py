"""The pages of a list that is being read: what a worker that dies leaves to the next.

A page is kept as the text it came as, so that the seal over the whole list is the
same whether it was read in one go or in two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils import timezone

from accounts.models import Connection, PlatformRead, ReadPage

# What was true of a list a quarter of an hour ago may be joined with what is now.
KEPT_FOR = dt.timedelta(minutes=15)


class KeptPages:
    """The pages of one list for one key; `read` is the evidence they will become.

    `resumes`: each page but the last is stored as it comes, and what an earlier try
    has left is gone on with; a list of one page writes nothing. `lasts`: the pages of
    the whole list stay for others to lean on (`lately`), until a newer reading
    replaces them.
    """

    def __init__(
        self,
        key: Connection,
        list_name: str,
        parameters: Mapping[str, str],
        *,
        resumes: bool = False,
        lasts: bool = False,
    ) -> None:
        asked = PlatformRead(
            connection=key,
            list_name=list_name,
            parameters=dict(parameters),
            is_whole=False,
        )
        self.resumes = resumes
        self.lasts = lasts
        self.read = (_begun(asked) if resumes else None) or asked
        self._unsaved: list[ReadPage] = []

    def kept(self) -> list[tuple[str, str]]:
        return _bodies(self.read)

    def keep(self, number: int, of: int, body: str, trace_id: str) -> None:
        self._unsaved.append(ReadPage(number=number, body=body, trace_id=trace_id))
        if self.resumes and number < of:
            if self.read._state.adding:
                self.read.save()
            self._save_pages()

    def forget(self) -> None:
        """Begin anew: half a list is no evidence."""
        asked, self._unsaved = self.read, []
        if not asked._state.adding:
            PlatformRead.objects.filter(pk=asked.pk).delete()
        self.read = PlatformRead(
            connection=asked.connection,
            list_name=asked.list_name,
            parameters=asked.parameters,
            is_whole=False,
        )

    def finish(self) -> None:
        """Leave behind what lasts. Call in the transaction that books the read."""
        if not self.lasts:
            self.read.kept_pages.all().delete()
            return
        self._save_pages()
        ReadPage.objects.filter(
            read__list_name=self.read.list_name,
            read__parameters=self.read.parameters,
            read__is_whole=True,
        ).exclude(read=self.read).delete()

    def _save_pages(self) -> None:
        for page in self._unsaved:
            page.read = self.read
        ReadPage.objects.bulk_create(self._unsaved, ignore_conflicts=True)
        self._unsaved = []


class Restored:
    """The pages of a list that was read whole not long ago: there is none to fetch."""

    def __init__(self, read: PlatformRead) -> None:
        self.read = read

    def kept(self) -> list[tuple[str, str]]:
        return _bodies(self.read)

    def keep(self, number: int, of: int, body: str, trace_id: str) -> None:
        raise LookupError(f"Page {number} of {self.read} is gone.")

    def forget(self) -> None:
        """What is whole stays."""


def lately(list_name: str, parameters: Mapping[str, str]) -> Restored | None:
    """Return the last whole reading of a list whose pages lasted; None if it is old."""
    first = _first_pages(list_name, parameters, is_whole=True)
    return Restored(first[0].read) if first else None


def _begun(asked: PlatformRead) -> PlatformRead | None:
    first = _first_pages(asked.list_name, asked.parameters, is_whole=False)
    return next(
        (page.read for page in first if page.read.connection_id == asked.connection_id),
        None,
    )


def _first_pages(
    list_name: str, parameters: Mapping[str, str], *, is_whole: bool
) -> list[ReadPage]:
    """Look among the pages, which are few, not among the reads, which are many."""
    pages = ReadPage.objects.filter(
        number=1,
        read__list_name=list_name,
        read__is_whole=is_whole,
        read__read_at__gt=timezone.now() - KEPT_FOR,
    ).select_related("read")
    found = [page for page in pages if page.read.parameters == dict(parameters)]
    return sorted(found, key=lambda page: page.read.read_at, reverse=True)


def _bodies(read: PlatformRead) -> list[tuple[str, str]]:
    if read._state.adding:
        return []
    return list(read.kept_pages.values_list("body", "trace_id"))
