"""The journal on disk: one SQLite file that holds all that a process is made of, and loses nothing.

- `entry`: what is kept of a message, as rows whose digests form a chain
- `schema`: the tables, their versions, and the way from an older one
- `connection`: SQLite itself, asked to trust nothing in the file; its errors become `JournalError`
- `lock`: one writer at a time
- `snapshots`: states beside the messages, an economy only
- `reader`, `store`: `Store`, which puts these together
"""

from .entry import Entry, Read
from .store import Store

__all__ = ["Entry", "Read", "Store"]
