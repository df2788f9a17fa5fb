"""What holds for every template, present and future."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

FOLDER = settings.BASE_DIR / "templates"
SPRITE = settings.BASE_DIR / "agencyportal/static/portal/icons.svg"
FILES = sorted(path for path in FOLDER.rglob("*.*") if path.is_file())
PAGES = [path for path in FILES if path.suffix == ".html"]
LETTERS = FOLDER / "letters"  # mail clients know no policy and no sheet


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def those(found: Callable[[str], object]) -> list[str]:
    """Return the pages in whose markup something is found."""
    return [name(path) for path in PAGES if found(path.read_text())]


def test_each_compiles() -> None:
    for path in FILES:
        get_template(name(path))


def test_none_brings_an_inline_style() -> None:
    assert not those(re.compile(r"\sstyle=|\son[a-z]+=|javascript:").search)
    sheets = [FOLDER / page for page in those(lambda markup: "<style" in markup)]
    assert all(LETTERS in page.parents for page in sheets)


def test_none_brings_a_script_of_its_own() -> None:
    assert not those(
        re.compile(r'<script(?![^>]*(src=|type="application/json"))[^>]*>').search
    )


def test_none_takes_anything_from_elsewhere() -> None:
    assert not those(re.compile(r"(src|href)=.(https?:)?//").search)


def test_each_names_only_icons_of_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    assert not those(
        lambda markup: set(re.findall(r'{% icon "([^"]+)" %}', markup)) - drawn
    )


def test_whatever_links_the_sheet_links_the_mark() -> None:
    """A browser asks for /favicon.ico where a page names none: that is no address."""
    assert not those(
        lambda markup: (
            ("portal/portal.css" in markup) is not ("portal/mark.svg" in markup)
        )
    )


def test_the_mark_is_there() -> None:
    assert finders.find("portal/mark.svg")


def test_a_fault_is_told_without_any_context() -> None:
    page = get_template("500.html").render()
    assert "tell your account manager; a colleague tells whoever runs" in page
    assert re.search(r"It happened at \d+ \w+, \d\d:\d\d UTC", page)
