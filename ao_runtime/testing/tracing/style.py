"""How a trace looks in a browser: light and dark, on a phone and on a wide screen."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

__all__ = ["POLICY", "STYLE"]

_DEPTHS = "".join(f".d{depth}{{margin-left:{min(depth, 12) * 1.1:g}rem}}" for depth in range(1, 13))
_DEPTHS_NARROW = "".join(f".d{depth}{{margin-left:{min(depth, 12) * 0.35:g}rem}}" for depth in range(1, 13))

STYLE = f"""
:root{{color-scheme:light dark;--ink:#1d2330;--dim:#5d6677;--paper:#fbfbf9;--card:#fff;--line:#dde0e6;
--yes:#1a6b35;--no:#9a5b00;--bad:#b3261e;--code:#f1f2f4}}
@media(prefers-color-scheme:dark){{:root{{--ink:#e4e7ee;--dim:#9aa4b5;--paper:#14171d;--card:#1c2028;--line:#343a46;
--yes:#74cf93;--no:#e0ad5c;--bad:#ff8a80;--code:#272c36}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;max-width:70rem;padding:1rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}
h1{{font-size:1.25rem;line-height:1.3;margin:.5rem 0 1rem}}
h2{{font-size:1rem;margin:0}}h3{{font-size:.85rem;color:var(--dim);margin:.9rem 0 .2rem;font-weight:600}}
article{{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem;
margin-bottom:.6rem}}
ul{{list-style:none;margin:0;padding:0}}
li{{padding:.25rem 0;border-top:1px solid var(--line)}}li:first-child{{border-top:0}}
code,pre{{font:.875rem/1.45 ui-monospace,monospace}}
pre{{background:var(--code);border-radius:.3rem;padding:.4rem .6rem;margin:.3rem 0;white-space:pre-wrap}}
p{{margin:.2rem 0}}.dim{{color:var(--dim)}}.hint{{color:var(--no);margin-left:1.4rem}}
.why{{margin-left:1.4rem;color:var(--dim)}}
.m{{display:inline-block;width:1.4rem;font-weight:700;color:var(--dim)}}
.took .m,.takes .m,.ran .m,.shares .m,.added{{color:var(--yes)}}
.failed .m,.bad .m,.error,.removed{{color:var(--bad)}}.no .m,.changed{{color:var(--no)}}
details>summary{{cursor:pointer;color:var(--dim);font-size:.875rem}}
{_DEPTHS}
@media(max-width:40rem){{body{{padding:.6rem}}article{{padding:.6rem}}{_DEPTHS_NARROW}}}
"""

_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
#: Nothing is loaded and nothing runs; the style is this one.
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
