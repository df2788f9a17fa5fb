"""HTML that all pages share. Plain, without scripts, readable on a phone."""

from __future__ import annotations

from html import escape

from agencyportal.simulator.wire import Response

STYLE = """
:root{color-scheme:light dark;--ink:#17181c;--soft:#5d616b;--line:#d9dbe1;--paper:#fff;
--ground:#f2f3f6;--act:#c4183c;--mark:#fff3c4;--markink:#5a4500}
@media(prefers-color-scheme:dark){:root{--ink:#f0f1f4;--soft:#a6abb7;--line:#3a3d46;
--paper:#1d1f25;--ground:#121317;--act:#d92b4f;--mark:#4a3a00;--markink:#ffe9a3}}
html{scroll-padding-bottom:5rem}*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
.note{margin:0;background:var(--mark);color:var(--markink);
padding:.5rem 1rem;text-align:center;
font-size:.9rem}
main{max-width:34rem;margin:1.5rem auto;padding:0 1rem 3rem}
.wide{max-width:48rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.05rem;margin:1.75rem 0 .5rem}h3{font-size:.95rem;margin:1rem 0 .25rem}
p{margin:.5rem 0}
.soft{color:var(--soft);font-size:.9rem}
fieldset{border:0;margin:0;padding:0}legend{padding:0;font-weight:600}
.card{display:flex;gap:.75rem;align-items:flex-start;background:var(--paper);border:1px
solid var(--line);border-radius:.6rem;padding:.75rem;margin:.5rem 0;min-height:44px}
.card input{width:1.25rem;height:1.25rem;margin:.15rem 0 0;flex:none}
.card div,.card label{flex:1;min-width:0}
.card:has(input:checked){border-color:var(--act)}
.id{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.sheet{background:var(--paper);border:1px solid var(--line);border-radius:.6rem}
.sheet .card{border:0;margin:0;min-height:44px;padding:.5rem .75rem;background:none}
.last{position:sticky;bottom:0;background:var(--ground);padding:.75rem 0;
border-top:1px solid var(--line)}
.row{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1.25rem}
select{font:inherit;min-height:44px;padding:.5rem;border-radius:.6rem;border:1px solid
var(--line);background:var(--paper);color:var(--ink)}
button{font:inherit;font-weight:600;min-height:44px;padding:.5rem 1.25rem;border-radius:
.6rem;border:1px solid var(--line);background:var(--paper);color:var(--ink);
cursor:pointer}
button.main{background:var(--act);border-color:var(--act);color:#fff}
:focus-visible{outline:3px solid #2f7de1;outline-offset:2px}
.problem{border-left:4px solid var(--act);padding:.25rem .75rem;background:var(--paper)}
a{color:inherit}
"""


def page(title: str, body: str, *, status: int = 200, wide: bool = False) -> Response:
    """Return a whole page; `body` is HTML whose data is escaped already."""
    width = ' class="wide"' if wide else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Simulated TikTok</title><style>{STYLE}</style>"
        '</head><body><p class="note" role="note">Simulated TikTok. Nothing here'
        f" reaches TikTok.</p><main{width}>{body}</main></body></html>"
    )
    return Response(
        html.encode(),
        status,
        "text/html; charset=utf-8",
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


def problem(title: str, sentence: str, *, status: int = 400) -> Response:
    """Return a page that says what is wrong and what to do."""
    body = f'<h1>{escape(title)}</h1><p class="problem">{escape(sentence)}</p>'
    return page(title, body, status=status)


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def redirect(location: str, *, status: int = 302) -> Response:
    return Response(
        b"",
        status,
        "text/plain; charset=utf-8",
        {"Location": location, "Cache-Control": "no-store"},
    )
