"""A project: a folder with a process, its modules and tests, and a file that says what holds there.

- `configuration`: `configure()` gives the `Configuration` of a folder, from `ao-run.toml` (or `[tool.ao-run]` of
  `pyproject.toml`) and the environment; `Configuration.spawn()` starts the project's process
- `keys`: the settings that there are; `finding`: which file; `toml`: what it says, and in which line; `values`: what a
  setting's value may be
"""

from __future__ import annotations

from .configuration import Configuration, NetworkSettings, Setting, configure
from .keys import KEYS, Key, advice_on_setting, order, strange_variables

__all__ = [
    "KEYS",
    "Configuration",
    "Key",
    "NetworkSettings",
    "Setting",
    "advice_on_setting",
    "configure",
    "order",
    "strange_variables",
]
