"""The Python side of SQLite."""
