"""The small marks of every page: icons, pills, ladders, dates in words.

States arrive as mappings `{"tone", "icon", "word"}`; which state has which is said
once, beside the grants in `accounts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts import zones

register = template.Library()

TONE_ICONS = {
    "ok": "active",
    "wait": "stale",
    "work": "unverified",
    "bad": "failed",
    "off": "info",
}
MESSAGE_TONES = {"error": "bad", "warning": "wait"}
NOW = mark_safe(' aria-current="step"')
STEP_KINDS = {"done": "done", "now": "now", "trouble": "now", "todo": ""}


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return one picture of the sprite; a word always stands beside it.

    A page has a hundred of the same few, so each is made once.
    """
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("portal/icons.svg"),
        name,
    )


@register.simple_tag
def pill(state: Mapping[str, str] | None) -> SafeString | str:
    """Return a state as icon and word, or nothing when there is no state to tell."""
    if not state:
        return ""
    tone = state["tone"]
    return _pill(tone, state.get("icon") or TONE_ICONS[tone], str(state["word"]))


@lru_cache(maxsize=256)
def _pill(tone: str, name: str, word: str) -> SafeString:
    return format_html('<span class="pill {}">{}{}</span>', tone, icon(name), word)


@register.filter
def breakable(address: str) -> SafeString:
    """Return a mail address that breaks after its @ before anywhere else."""
    name, at, host = address.partition("@")
    return format_html("{}{}<wbr>{}", name, at, host)


@register.simple_tag
def tone_icon(tone: str | None) -> SafeString:
    """Return the icon that goes with a tone, so that colour never speaks alone."""
    return icon(TONE_ICONS.get(tone or "off", "info"))


@register.simple_tag
def ladder(steps: Iterable[Mapping[str, Any]], *, is_big: bool = False) -> SafeString:
    """Draw the steps `{word, note, kind, tone, icon}` of one grant.

    `kind` is done, now, todo or trouble; trouble is where the grant stands, too.
    """
    drawn = format_html_join(
        "", "<li{}{}>{}{}{}</li>", (_step(s, is_big) for s in steps)
    )
    return format_html('<ol class="ladder{}">{}</ol>', " big" if is_big else "", drawn)


def _step(step: Mapping[str, Any], is_big: bool) -> tuple[Any, ...]:
    css = " ".join(filter(None, [STEP_KINDS[step["kind"]], _step_tone(step)]))
    is_now = step["kind"] in ("now", "trouble")
    note = step.get("note")
    said = when(note) if is_big else brief(note)
    return (
        format_html(' class="{}"', css) if css else "",
        NOW if is_now else "",
        icon(_step_icon(step)),
        step["word"],
        format_html("<small>{}</small>", said) if said else "",
    )


def _step_tone(step: Mapping[str, str]) -> str:
    if step["kind"] == "trouble":
        return step.get("tone") or "bad"
    return step.get("tone") or "work" if step["kind"] == "now" else ""


def _step_icon(step: Mapping[str, str]) -> str:
    if step["kind"] == "done":
        return "check"
    if step["kind"] == "todo":
        return "dot"
    return step.get("icon") or TONE_ICONS[_step_tone(step)]


@register.filter
def message_tone(tags: str) -> str:
    """Return the tone of a message; a plain "saved" is never green."""
    return next(
        (MESSAGE_TONES[tag] for tag in tags.split() if tag in MESSAGE_TONES), "off"
    )


@register.filter
def when(moment: datetime | date | str | None) -> str:
    """Return a moment in words: Today 08:04, Friday 14:31, 1 December, 3 March 2025.

    Text passes unchanged, so a caller may already have said it.
    """
    if moment is None or isinstance(moment, str):
        return moment or ""
    now = timezone.localtime()
    if not isinstance(moment, datetime):
        return zones.day_word(moment, now.date())
    moment = timezone.localtime(moment)
    clock = date_format(moment, "H:i")
    if moment.date() == now.date():
        return f"{_('Today')} {clock}"
    if moment.date() == now.date() - timedelta(days=1):
        return f"{_('Yesterday')} {clock}"
    if timedelta(0) < now.date() - moment.date() < timedelta(days=7):
        return f"{date_format(moment, 'l')} {clock}"
    return zones.day_word(moment.date(), now.date())


@register.filter
def said(moment: datetime | date | str | None) -> str:
    """Return `when` as it stands inside a sentence: since today 08:04."""
    told = when(moment)
    near = told.startswith((_("Today"), _("Yesterday")))
    return told[0].lower() + told[1:] if near else told


@register.filter
def brief(moment: datetime | date | str | None) -> str:
    """Return a moment for narrow places: Today 08:04, else 1 Dec."""
    if moment is None or isinstance(moment, str):
        return moment or ""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
        if moment.date() == timezone.localdate():
            return f"{_('Today')} {date_format(moment, 'H:i')}"
    return date_format(moment, "j M")


@register.filter
def all_of(phrases: Iterable[object]) -> str:
    """Join phrases, which may hold commas themselves, with a last "and"."""
    return _listed(phrases, _("and"))


@register.filter
def any_of(phrases: Iterable[object]) -> str:
    return _listed(phrases, _("or"))


def _listed(phrases: Iterable[object], word: str) -> str:
    *first, last = [str(phrase) for phrase in phrases or [""]]
    return f"{', '.join(first)}, {word} {last}" if first else last


@register.simple_tag
def moment(value: datetime | date | str | None) -> SafeString | str:
    """Return `when` inside a time element, or plain text when it was text already."""
    if value is None or isinstance(value, str):
        return format_html('<span class="at">{}</span>', value) if value else ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        deadline(timezone.localtime(value)) if isinstance(value, datetime) else "",
        when(value),
    )


@register.filter
def deadline(moment: datetime | str | None) -> str:
    """Return a moment by the clock it comes with: 27 November, 18:00 Europe/Berlin.

    Text passes unchanged, so a caller may already have said it.
    """
    if moment is None or isinstance(moment, str):
        return moment or ""
    now = timezone.now().astimezone(moment.tzinfo)
    day = zones.day_word(moment.date(), now.date())
    return f"{day}, {date_format(moment, 'H:i')} {moment.tzinfo}"


@register.simple_tag
def time_zones() -> tuple[str, ...]:
    """Return the names a time zone field offers."""
    return zones.time_zones()


@register.filter
def first_line(text: object) -> str:
    """Return the name in a choice's label; its explanation stands on further lines."""
    return str(text).partition("\n")[0]


@register.filter
def further_lines(text: object) -> str:
    return str(text).partition("\n")[2]


@register.filter
def is_tick(field: BoundField) -> bool:
    """Say whether the field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def fields_except(form: forms.BaseForm, names: str) -> list[BoundField]:
    """Return the visible fields a template did not place by name."""
    placed = names.split()
    return [field for field in form.visible_fields() if field.name not in placed]
