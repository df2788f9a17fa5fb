"""What holds for every template, present and future."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("path", FILES, ids=name)
def test_it_compiles(path: Path) -> None:
    get_template(name(path))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_brings_no_inline_style_or_script(path: Path) -> None:
    markup = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", markup)
    assert LETTERS in path.parents or "<style" not in markup
    for script in re.findall(r"<script[^>]*>", markup):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_takes_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(src|href)=.(https?:)?//", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_names_only_icons_of_the_sprite(path: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    assert set(re.findall(r'{% icon "([^"]+)" %}', path.read_text())) <= drawn


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_whatever_links_the_sheet_links_the_mark(path: Path) -> None:
    """A browser asks for /favicon.ico where a page names none: that is no address."""
    markup = path.read_text()
    assert ("portal/portal.css" in markup) is ("portal/mark.svg" in markup)


def test_the_mark_is_there() -> None:
    assert finders.find("portal/mark.svg")
