"""What a process's SQLite may not do: reach out of the process, and be more than the network's SQLite is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from .errors import CallbackError

if TYPE_CHECKING:
    import apsw

_OK = 0
#: Bytes of a pattern of LIKE or GLOB: SQLite looks for it at every place of a text, and nothing ends that.
_LONGEST_PATTERN = 512


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: The functions of the network's SQLite: those of later versions and other builds are taken away.
_FUNCTIONS = _words(
    """
    -> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling changes char coalesce concat
    concat_ws cos cosh count cume_dist current_date current_time current_timestamp date datetime degrees
    dense_rank exp first_value floor format fts5 fts5_source_id glob group_concat hex highlight ifnull iif instr
    json json_array json_array_length json_error_position json_extract json_group_array json_group_object
    json_insert json_object json_patch json_quote json_remove json_replace json_set json_type json_valid jsonb
    jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch
    jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood
    likely ln load_extension log log10 log2 lower ltrim match max min mod nth_value ntile nullif octet_length
    percent_rank pi pow power printf quote radians random randomblob rank replace round row_number rtrim sign
    sin sinh snippet sqlite_compileoption_get sqlite_compileoption_used sqlite_log sqlite_source_id
    sqlite_version sqrt strftime string_agg substr substring subtype sum tan tanh time timediff total
    total_changes trim trunc typeof unhex unicode unixepoch unlikely upper zeroblob
    """
)
_MODULES = ("fts5", "fts5vocab", "json_each", "json_tree")

#: Pragmas that a process may use, with or without a value.
_PRAGMAS = _words(
    """
    analysis_limit application_id automatic_index case_sensitive_like cell_size_check collation_list
    compile_options count_changes data_version defer_foreign_keys empty_result_callbacks encoding
    foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names function_list
    ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check
    journal_size_limit legacy_alter_table module_list optimize page_count pragma_list query_only quick_check
    read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete
    short_column_names table_info table_list table_xinfo trusted_schema user_version
    """
)
#: Pragmas that a process may only read: their values touch files, memory, or other processes.
_READ_ONLY_PRAGMAS = _words(
    """
    auto_vacuum busy_timeout cache_size cache_spill checkpoint_fullfsync database_list fullfsync journal_mode
    locking_mode max_page_count mmap_size page_size synchronous temp_store threads writable_schema
    """
)
#: Values that change nothing, so that scripts written for files run.
_HARMLESS = {
    "journal_mode": frozenset(("memory", "wal", "delete", "truncate", "persist")),
    "synchronous": frozenset(("0", "1", "2", "3", "off", "normal", "full", "extra")),
    "temp_store": frozenset(("0", "2", "default", "memory")),
    "locking_mode": frozenset(("normal",)),
    "mmap_size": frozenset(("0",)),
}


def _refuse(*_: Any) -> None:
    raise CallbackError(b"not authorized")


@cache
def _unknown() -> list[tuple[str, int]]:
    """The functions that this SQLite has and the network's has not, with their numbers of arguments."""
    import apsw

    connection = apsw.Connection(":memory:")
    rows = connection.execute("SELECT DISTINCT name, narg FROM pragma_function_list").fetchall()
    return [(str(name), max(int(arguments or 0), -1)) for name, arguments in rows if name not in _FUNCTIONS]


@cache
def _known_pragmas() -> frozenset[str]:
    import apsw

    return frozenset(str(row[0]) for row in apsw.Connection(":memory:").execute("PRAGMA pragma_list"))


class Watched(Protocol):
    """What an authorizer must know of a database."""

    vacuum: bool


def authorizer(database: Callable[[], Watched | None]) -> Callable[..., int]:
    """What a connection may do: nothing outside of it."""
    import apsw

    deny = apsw.SQLITE_DENY
    pragma, attach = apsw.SQLITE_PRAGMA, apsw.SQLITE_ATTACH
    known = _known_pragmas()

    def authorize(action: int, one: str | None, two: str | None, *_: Any) -> int:
        if action == pragma:
            name = (one or "").lower()
            if name in _PRAGMAS:
                return _OK
            if name in _READ_ONLY_PRAGMAS and (two is None or two.lower() in _HARMLESS.get(name, ())):
                return _OK
            return deny if name in known else _OK  # what SQLite does not know it passes over
        if action == attach:
            # VACUUM attaches a database without a name, which is in memory
            watched = database()
            return _OK if one == "" and watched is not None and watched.vacuum else deny
        return _OK

    return authorize


def restrict(connection: apsw.Connection) -> None:
    """Take from a connection what the network's SQLite does not have, and what must not be used."""
    import apsw

    connection.execute("PRAGMA temp_store=MEMORY")
    connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)  # VACUUM needs it
    connection.limit(apsw.SQLITE_LIMIT_WORKER_THREADS, 0)
    connection.limit(apsw.SQLITE_LIMIT_FUNCTION_ARG, 127)
    connection.limit(apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN)
    for option, value in (("DEFENSIVE", 1), ("ENABLE_LOAD_EXTENSION", 0), ("FP_DIGITS", 15)):
        number = getattr(apsw, f"SQLITE_DBCONFIG_{option}", None)
        if number is not None:
            connection.config(number, value)
    connection.drop_modules(_MODULES)
    for name, arguments in _unknown():
        connection.create_scalar_function(name, None, arguments)
    connection.create_scalar_function("load_extension", _refuse, -1)
