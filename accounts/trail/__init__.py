"""The trail: every change and every use of a key, append-only.

Imports Django and the job queue only, so that everything may write to it.
"""

from accounts.trail.actors import Actor
from accounts.trail.reactions import react
from accounts.trail.recording import record, record_all
from accounts.trail.vocabulary import describe, say

__all__ = ["Actor", "describe", "react", "record", "record_all", "say"]
