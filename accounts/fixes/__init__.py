"""Fix cards: what stands in the way of a grant, who acts on it, and how."""

from accounts.fixes.catalogue import CARDS, Card, Who
from accounts.fixes.detecting import AFTER_A_CALL, of
from accounts.fixes.drawing import draw
from accounts.fixes.words import who_acts_on, words_of

__all__ = [
    "AFTER_A_CALL",
    "CARDS",
    "Card",
    "Who",
    "draw",
    "of",
    "who_acts_on",
    "words_of",
]
