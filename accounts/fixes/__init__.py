"""Fix cards: what stands in the way of a grant, who acts on it, and how."""

from accounts.fixes.catalogue import CARDS, Card, Who
from accounts.fixes.detecting import AFTER_A_CALL, of, of_key
from accounts.fixes.drawing import draw, write
from accounts.fixes.words import creator_of, who_acts_on, words_of, words_of_key

__all__ = [
    "AFTER_A_CALL",
    "CARDS",
    "Card",
    "Who",
    "creator_of",
    "draw",
    "of",
    "of_key",
    "who_acts_on",
    "words_of",
    "words_of_key",
    "write",
]
