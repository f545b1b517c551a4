"""The explorer: pages for people who want to see what a network does. It reads, and changes nothing.

- `app`: the routes, and what is said where something is not there
- `pages`: the templates, and the headers of every answer
- `overview`, `processes`, `messages`, `wallets`, `search`: what a page shows, as plain values
- `timeline`: all messages by their time; `rows`, `trees`, `states`: parts of pages
- `text`: how people read what strangers write
- `looks`: into processes, while they have no message
- `events`: tells pages that something is new

What a page shows is found in the network's own thread, and costs no more than a bounded amount.
"""

from __future__ import annotations

from .app import explorer

__all__ = ["explorer"]
