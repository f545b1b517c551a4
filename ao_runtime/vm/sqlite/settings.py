"""What a connection keeps besides its content: its settings, and what it says of the last statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import apsw

#: What a connection keeps besides its content; the name of a setting, and the question for its value.
_SETTINGS = {
    name: f"PRAGMA {name}"
    for name in (
        "analysis_limit",
        "automatic_index",
        "cell_size_check",
        "count_changes",
        "defer_foreign_keys",
        "empty_result_callbacks",
        "encoding",
        "foreign_keys",
        "full_column_names",
        "ignore_check_constraints",
        "journal_mode",
        "journal_size_limit",
        "legacy_alter_table",
        "query_only",
        "read_uncommitted",
        "recursive_triggers",
        "reverse_unordered_selects",
        "secure_delete",
        "short_column_names",
        "synchronous",
        "trusted_schema",
    )
}
_SETTINGS["case_sensitive_like"] = "SELECT 'a' NOT LIKE 'A'"
_SETTING = re.compile(r"[\w-]{1,32}")


def _setting(connection: apsw.Connection, name: str) -> str:
    row = next(iter(connection.execute(_SETTINGS[name])), ("",))
    return str(row[0])


def settings(connection: apsw.Connection) -> bytes:
    """The settings of a connection, as `set_settings` reads them."""
    return " ".join(f"{name}={_setting(connection, name)}" for name in sorted(_SETTINGS)).encode()


def set_settings(connection: apsw.Connection, settings: bytes) -> None:
    """Make these the settings, where they are others."""
    for item in settings.decode().split():
        name, _, value = item.partition("=")
        if name not in _SETTINGS or not _SETTING.fullmatch(value):
            raise ValueError("not a saved state of databases")
        if _setting(connection, name) != value:
            connection.execute(f"PRAGMA {name}={value}" if name != "encoding" else f"PRAGMA encoding='{value}'")


def set_changes(connection: apsw.Connection, count: int) -> None:
    """Have the connection say that the last statement has changed so many rows."""
    if count:
        connection.execute("ATTACH ':memory:' AS aside")
        connection.execute("CREATE TABLE aside.t (x)")
        rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT NULL FROM n"
        connection.execute(f"INSERT INTO aside.t {rows}", (count,))
        connection.execute("DETACH aside")
