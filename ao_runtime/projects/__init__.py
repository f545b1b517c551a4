"""A project: a folder with a process, its modules and tests, and a file that says what holds there.

- `configuration`: `configure()` gives the `Configuration` of a folder, from `ao-run.toml` (or `[tool.ao-run]` of
  `pyproject.toml`) and the environment; `Configuration.spawn()` starts the project's process
- `building`: the bundle; `mappings`: the places in it
- `publishing`: the bundle on a network
- `scaffolding`: new projects, from `templates`
- `keys`: the settings that there are; `finding`: which file; `toml`: what it says, and in which line; `values`: what a
  setting's value may be
- `writing`: a file in one go
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later

if TYPE_CHECKING:
    from .building import Built as Built
    from .building import build as build
    from .building import bundle_in_place as bundle_in_place
    from .configuration import Configuration as Configuration
    from .configuration import NetworkSettings as NetworkSettings
    from .configuration import Setting as Setting
    from .configuration import configure as configure
    from .configuration import short_path as short_path
    from .finding import is_configured as is_configured
    from .keys import KEYS as KEYS
    from .keys import Key as Key
    from .keys import advice_on_setting as advice_on_setting
    from .keys import order as order
    from .keys import strange_variables as strange_variables
    from .publishing import PUBLISHED as PUBLISHED
    from .publishing import Plan as Plan
    from .publishing import Published as Published
    from .publishing import plan_of as plan_of
    from .publishing import publish as publish
    from .publishing import published as published
    from .scaffolding import TEMPLATES as TEMPLATES
    from .scaffolding import new_project as new_project
    from .scaffolding import write_editor_settings as write_editor_settings

__all__ = [
    "KEYS",
    "PUBLISHED",
    "TEMPLATES",
    "Built",
    "Configuration",
    "Key",
    "NetworkSettings",
    "Plan",
    "Published",
    "Setting",
    "advice_on_setting",
    "build",
    "bundle_in_place",
    "configure",
    "is_configured",
    "new_project",
    "order",
    "plan_of",
    "publish",
    "published",
    "short_path",
    "strange_variables",
    "write_editor_settings",
]

# Every command asks whether it is in a project, and most are in none.
__getattr__ = later(
    __name__,
    {
        **dict.fromkeys(("Configuration", "NetworkSettings", "Setting", "configure", "short_path"), ".configuration"),
        "is_configured": ".finding",
        **dict.fromkeys(("KEYS", "Key", "advice_on_setting", "order", "strange_variables"), ".keys"),
        **dict.fromkeys(("Built", "build", "bundle_in_place"), ".building"),
        **dict.fromkeys(("PUBLISHED", "Plan", "Published", "plan_of", "publish", "published"), ".publishing"),
        **dict.fromkeys(("TEMPLATES", "new_project", "write_editor_settings"), ".scaffolding"),
    },
)
