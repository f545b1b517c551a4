"""Lua 5.3 by lupa, and what runs in it. The only folder that imports lupa."""

from .chunks import network_has
from .engine import DIALECTS, LuaEngine

__all__ = ["DIALECTS", "LuaEngine", "network_has"]
