"""`docs/faults.md`, made from the scenario table: what is seen, and who acts."""

from __future__ import annotations

from agencyportal.simulator.faults import FAULTS, Fault

HEAD = """# When TikTok misbehaves

Made by `python -m agencyportal.simulator --faults > docs/faults.md` from the scenario
table, `agencyportal/simulator/faults.py`. The tests in `tests/faults` play every scenario
at every step of the client's journey, of connecting our own side, of sharing, syncing and
taking back, each of these journeys on both databases, and look for these sentences. "…"
stands for a name, an address or a time.

Whatever happens: nothing is green that was not read back, nothing is shared twice, and a
failed read changes nothing but the time of the next one.

**Staff** read the sentence on the page of what it met: the grant or its attempts, the key,
the client's story when a visit stopped, *Read-back* on the front page when a list could
not be read. **The client** reads it on their link. While the portal still tries to read
their accounts the page says so; what lasts for a quarter of an hour stops the visit, and
they start again from the same link.

| Scenario | TikTok … | Staff read | The client reads | Who acts |
|---|---|---|---|---|
"""  # noqa: E501 - as wide as the other papers


def fault_paper() -> str:
    """Return the whole paper as Markdown."""
    return HEAD + "".join(_row(name, fault) for name, fault in FAULTS.items())


def _row(name: str, fault: Fault) -> str:
    staff = "<br>".join(fault.staff) or "Nothing: it only takes longer."
    steps = {
        "Signing in": fault.signing_in,
        "Sharing": fault.sharing,
        "Reading back": fault.reading_back,
    }
    client = "<br>".join(f"*{step}:* {said}" for step, said in steps.items())
    return f"| `{name}` | {fault.does} | {staff} | {client} | {fault.acts} |\n"
