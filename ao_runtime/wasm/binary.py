"""What of a module only its bytes say: its mutable globals, and whether it has state that nobody can look at.

The bytes have passed wasmtime's own check before; still nothing here trusts a length.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ModuleError

__all__ = ["GLOBAL", "MAGIC", "Inside", "exported", "look_inside"]

__tracebackhide__ = True

MAGIC = b"\0asm\1\0\0\0"
#: What the globals are exported as, followed by their index: no name that a compiler makes.
GLOBAL = "ao-runtime:global:"

_TABLE, _GLOBAL, _EXPORT, _ELEMENT, _DATA = 4, 6, 7, 9, 11
_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref"}


@dataclass(frozen=True)
class Inside:
    """What `look_inside` has seen."""

    sections: tuple[tuple[int, bytes], ...]
    globals: tuple[tuple[int, str], ...]
    """Mutable globals: index and type."""
    passive: bool
    """Whether there are segments which a module can drop while it runs."""
    table_wide: bool
    """Whether the places of its table are counted in 64 bits."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise ModuleError("the module ends in the middle")
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 70:
                raise ModuleError("the module holds a number that is too long")

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise ModuleError("the module ends in the middle")
        self.at += length
        return self.data[self.at - length : self.at]

    def skip_constant(self) -> None:
        """A constant expression, as it stands in a global's and a segment's head."""
        while True:
            opcode = self.byte()
            if opcode == 0x0B:
                return
            if opcode in (0x41, 0x42, 0x23, 0xD0, 0xD2):  # const, global.get, ref.null, ref.func
                self.number()
            elif opcode == 0x43:
                self.take(4)
            elif opcode == 0x44:
                self.take(8)
            elif opcode == 0xFD:
                self.number()
                self.take(16)
            # what is left (sums of constants) has nothing behind its opcode


def look_inside(module: bytes) -> Inside:
    """Take a module apart. Raises `ModuleError` where its sections make no sense."""
    reader = _Reader(module)
    reader.take(len(MAGIC))
    sections = []
    while reader.at < len(module):
        kind = reader.byte()
        sections.append((kind, reader.take(reader.number())))
    found: list[tuple[int, str]] = []
    passive = table_wide = False
    index = 0  # whoever imports globals is refused before
    for kind, body in sections:
        if kind == _GLOBAL:
            part = _Reader(body)
            for _ in range(part.number()):
                name = _TYPES.get(part.byte(), "reference")
                if part.byte() & 1:
                    found.append((index, name))
                part.skip_constant()
                index += 1
        elif kind == _DATA:
            part = _Reader(body)
            for _ in range(part.number()):
                flag = part.number()
                passive = passive or flag == 1
                if flag == 2:
                    part.number()
                if flag != 1:
                    part.skip_constant()
                part.take(part.number())
        elif kind == _ELEMENT:
            # Only the first segment's kind is seen without reading its functions; compilers make one segment, active.
            part = _Reader(body)
            count = part.number()
            passive = passive or count > 1 or (count == 1 and part.number() not in (0, 2, 4, 6))
        elif kind == _TABLE and body[:1] not in (b"", b"\0"):
            part = _Reader(body)
            part.number()
            part.byte()
            table_wide = bool(part.byte() & 4)
    return Inside(tuple(sections), tuple(found), passive, table_wide)


def exported(inside: Inside) -> bytes:
    """The same module, which also exports its mutable globals, so that their values can be kept and put back."""
    parts = [MAGIC]
    done = not inside.globals
    for kind, body in inside.sections:
        if not done and kind == _EXPORT:
            part = _Reader(body)
            count = part.number()
            body = _leb(count + len(inside.globals)) + body[part.at :] + _exports(inside)
            done = True
        parts += [bytes((kind,)), _leb(len(body)), body]
    return b"".join(parts)


def _exports(inside: Inside) -> bytes:
    text = b""
    for index, _ in inside.globals:
        name = f"{GLOBAL}{index}".encode()
        text += _leb(len(name)) + name + b"\x03" + _leb(index)
    return text


def _leb(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)
