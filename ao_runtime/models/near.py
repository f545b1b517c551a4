"""Names that are nearly those of a message's fields: a slip, most likely."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from ..errors import InputError
from .reading import FIELDS, is_field

__all__ = ["check_keywords", "near_field"]

__tracebackhide__ = True

#: What people call the sender elsewhere.
_OTHER_WORDS = {"frm": "From", "sender": "From", "fromaddress": "From", "msgid": "Id", "messageid": "Id"}
_PLAIN = {name.replace("-", "").lower(): name for name in FIELDS}


@functools.lru_cache(1024)
def near_field(name: str) -> str | None:
    """The field that a name is nearly: `Form` is nearly `From`, and `sender` means it; None for any other name.

    Tags have names that begin with a capital letter: `Sender` is one.
    """
    if is_field(name) or len(name) > 20:
        return None
    bare = name.strip("_")
    plain = bare.replace("-", "").replace("_", "").lower()
    if plain in _PLAIN:
        return _PLAIN[plain]
    if plain in _OTHER_WORDS:
        return _OTHER_WORDS[plain] if bare[:1].islower() else None
    return next((field for word, field in _PLAIN.items() if _one_slip(plain, word)), None)


def check_keywords(fields: Iterable[str]) -> None:
    """Raises `InputError` for a keyword argument that is nearly a field, and would silently become a tag."""
    for name in fields:
        field = near_field(name)
        if field is not None:
            raise InputError(
                f"there is no field {name}",
                field=name,
                advice=f"did you mean {FIELDS[field]}= ({field})? A tag of that name is given by tags=",
            )


def _one_slip(name: str, word: str) -> bool:
    """Whether one letter is missing, too many, or in its neighbour's place; in long words also another one."""
    if len(word) < 4 or len(name) < 3 or name[0] != word[0] or abs(len(name) - len(word)) > 1:
        return False
    at = next((at for at, (one, other) in enumerate(zip(name, word, strict=False)) if one != other), None)
    if at is None:
        return True
    if len(name) == len(word):
        if name[at + 1 :] == word[at + 1 :]:
            return len(word) > 5
        return name[at : at + 2] == word[at : at + 2][::-1] and name[at + 2 :] == word[at + 2 :]
    longer, shorter = (name, word) if len(name) > len(word) else (word, name)
    return longer[at + 1 :] == shorter[at:]
