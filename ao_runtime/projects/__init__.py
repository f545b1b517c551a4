"""A project: a folder with a process, its modules and tests, and a file that says what holds there.

- `configuration`: `configure()` gives the `Configuration` of a folder, from `ao-run.toml` (or `[tool.ao-run]` of
  `pyproject.toml`) and the environment; `Configuration.spawn()` starts the project's process
- `building`: the bundle; `mappings`: the places in it
- `keys`: the settings that there are; `finding`: which file; `toml`: what it says, and in which line; `values`: what a
  setting's value may be
"""

from __future__ import annotations

from .building import Built, build
from .configuration import Configuration, NetworkSettings, Setting, configure, short_path
from .keys import KEYS, Key, advice_on_setting, order, strange_variables

__all__ = [
    "KEYS",
    "Built",
    "Configuration",
    "Key",
    "NetworkSettings",
    "Setting",
    "advice_on_setting",
    "build",
    "configure",
    "order",
    "short_path",
    "strange_variables",
]
