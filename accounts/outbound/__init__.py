"""The one HTTP door. The throttle is in `throttle.py`: it needs the database."""

from accounts.outbound.calls import Answer, Call
from accounts.outbound.door import Door, address
from accounts.outbound.errors import InsideTransactionError, OutboundError, Pause
from accounts.outbound.transport import Patience

__all__ = [
    "Answer",
    "Call",
    "Door",
    "InsideTransactionError",
    "OutboundError",
    "Patience",
    "Pause",
    "address",
]
