"""Texts that a process may write to harm who reads them."""

from __future__ import annotations

__all__ = ["HOSTILE"]

HOSTILE = (
    "<script>alert(1)</script>",
    "</pre></code></article></body><img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "]]><!--<style>*{display:none}</style>",
    "&lt;script&gt;&#60;b&#62;",
    "\x1b[2J\x1b]0;owned\x07\x1b[8mhidden",
    "\u202eevil\u2066\u200b\x00\x9b31m",
    "a\nb\rc\td\x85e",
    "x" * 5000,
)
