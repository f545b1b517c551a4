"""Lua 5.3 by lupa, and what runs in it. The only folder that imports lupa."""

from .chunks import FOLDER, compiles, error_in, network_has
from .engine import DIALECTS, GAS_RULE, LuaEngine

__all__ = ["DIALECTS", "FOLDER", "GAS_RULE", "LuaEngine", "compiles", "error_in", "network_has"]
