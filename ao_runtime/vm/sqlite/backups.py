"""Backups: the content of one database copied into another, some pages at a time."""

from __future__ import annotations

from typing import Any

from .codes import DONE, ERROR, INTERRUPTED, OK
from .registry import Part, Registry


class Backups(Part):
    """What Lua may do with backups, by their numbers."""

    COMMANDS = ("backup", "backup_step", "backup_counts", "backup_finish")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._backups = registry.backups

    def backup(self, target: int, target_name: bytes, source: int, source_name: bytes) -> Any:
        """Start a backup: 0 and its number."""
        one, two = self._databases[target], self._databases[source]
        if one is two:
            return ERROR, b"source and destination must be distinct"
        backup = one.connection.backup(target_name.decode(), two.connection, source_name.decode())
        number = next(self._registry.handles)
        self._backups[number] = backup, one, two
        one.backups.add(number)
        two.backups.add(number)
        return OK, number

    def backup_step(self, number: int, pages: int) -> Any:
        """Copy some pages: 101 at the end."""
        backup = self._backups[number][0]
        if self.lua.tick(1000 + 64 * max(pages, 0)):
            return INTERRUPTED
        return DONE if backup.step(pages) else OK

    def backup_counts(self, number: int) -> Any:
        """Answer how many pages are left, and how many there are."""
        backup = self._backups[number][0]
        return OK, backup.remaining, backup.page_count

    def backup_finish(self, number: int) -> Any:
        """End a backup."""
        self._registry.finish(number)
        return OK
