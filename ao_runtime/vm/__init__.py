"""Lua 5.3, by lupa: the only place that imports it."""
