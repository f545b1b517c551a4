"""The journal on disk: one SQLite file that holds all that a process is made of, and loses nothing.

- `entry`: what is kept of a message, as rows whose digests form a chain
- `schema`: the tables, their versions, and the way from an older one
- `connection`: SQLite itself, asked to trust nothing in the file; its errors become `JournalError`
  (`open_file` and `reading` are for other files of SQLite's, too)
- `lock`: one writer at a time
- `log`: what many journals write, brought to the disk together
- `snapshots`: states beside the messages, an economy only
- `compression`: zlib, as far as it is worth its time
- `reader`, `store`: `Store`, which puts these together
"""

from .compression import compress
from .connection import open_file, reading, sync
from .entry import JOB, Damaged, Entry, Read, check_row, from_row, to_row
from .lock import Lock
from .log import Log, Record, read_log
from .store import Store

__all__ = [
    "JOB",
    "Damaged",
    "Entry",
    "Lock",
    "Log",
    "Read",
    "Record",
    "Store",
    "check_row",
    "compress",
    "from_row",
    "open_file",
    "read_log",
    "reading",
    "sync",
    "to_row",
]
