"""All modules that are compared."""

from __future__ import annotations

from . import cases_ao, cases_bint, cases_crypto, cases_lua, cases_sqlite, cases_text
from .compare import Module

__all__ = ["MODULES"]

MODULES: list[Module] = [
    module
    for cases in (cases_lua, cases_text, cases_bint, cases_ao, cases_crypto, cases_sqlite)
    for module in cases.MODULES
]
