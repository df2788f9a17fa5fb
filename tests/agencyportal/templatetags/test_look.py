from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone

from agencyportal.templatetags import look


def draw(markup: str, **context: object) -> str:
    return Template("{% load look %}" + markup).render(Context(context))


@pytest.mark.parametrize("state", [None, {}, ""])
def test_it_draws_no_pill_without_a_state(state: object) -> None:
    assert draw("{% pill state %}", state=state) == ""


def test_it_escapes_the_word_of_a_pill() -> None:
    state = {"tone": "bad", "icon": "lost", "word": "<b>Lost</b>"}
    assert "&lt;b&gt;Lost&lt;/b&gt;" in draw("{% pill state %}", state=state)


def test_it_breaks_a_mail_address_after_its_at() -> None:
    drawn = draw("{{ address|breakable }}", address="<a@b.example")
    assert drawn == "&lt;a@<wbr>b.example"


def test_it_never_says_saved_in_green() -> None:
    assert look.message_tone("success") == "off"
    assert look.message_tone("extra error") == "bad"


def test_it_gives_every_pill_an_icon() -> None:
    drawn = draw("{% pill state %}", state={"tone": "work", "word": "Checking"})
    assert "icons.svg#unverified" in drawn


def test_it_marks_exactly_the_step_where_a_grant_stands() -> None:
    steps = [
        {"word": "Asked", "kind": "done"},
        {"word": "Analyst", "kind": "trouble", "tone": "bad", "icon": "drifted"},
        {"word": "Read back", "kind": "todo"},
        {"word": "Active", "kind": "todo"},
    ]
    drawn = draw("{% ladder steps %}", steps=steps)
    assert drawn.count('aria-current="step"') == 1
    assert 'class="now bad"' in drawn


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (dt.timedelta(), "Today 12:00"),
        (dt.timedelta(days=1), "Yesterday 12:00"),
        (dt.timedelta(days=3), "Thursday 12:00"),
        (dt.timedelta(days=30), "23 October"),
        (dt.timedelta(days=400), "18 October 2025"),
        (dt.timedelta(days=-1), "23 November"),
    ],
)
def test_it_says_a_moment_in_words(
    monkeypatch: pytest.MonkeyPatch, ago: dt.timedelta, said: str
) -> None:
    now = dt.datetime(2026, 11, 22, 12, tzinfo=timezone.get_current_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert look.when(now - ago) == said


def test_it_lists_phrases_that_hold_commas_themselves() -> None:
    assert look.all_of(["see, edit", "read"]) == "see, edit, and read"
    assert look.any_of(["add people"]) == "add people"
    assert look.any_of([]) == ""
