"""Lua tests."""
