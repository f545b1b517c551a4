"""Calls of .crypto. Texts are short: the reference needs milliseconds for a kilobyte."""

from __future__ import annotations

from .cases_lua import ALL_BYTES
from .compare import Module
from .literals import Maker

__all__ = ["MODULES"]

STREAMED = ["md2", "md4", "md5", "sha1", "sha2_256"]
OF_STRINGS = ["sha2_512", "sha3_256", "sha3_512", "keccak256", "keccak512", "blake2b"]
# Around the sizes of blocks, where padding changes.
SIZES = [0, 1, 15, 16, 17, 55, 56, 57, 63, 64, 65, 71, 72, 73, 111, 112, 127, 128, 129, 135, 136, 137, 200, 300]


def _data(m: Maker) -> str:
    kind = m.random.random()
    if kind < 0.5:
        return m.string(m.random.randbytes(m.one(SIZES)))
    if kind < 0.8:
        return f"('{m.one('aZ0')}'):rep({m.one(SIZES)})"
    return m.text()


def digests(m: Maker) -> str:
    """A call of a digest."""

    def data() -> str:
        return _data(m)

    if m.chance(0.4):
        name = m.one(STREAMED)
        kind = m.random.random()
        if kind < 0.8:
            return f"R(D.{name}(STREAM({data()})))"
        if kind < 0.9:
            return f"R(D.{name}().init().update(STREAM({data()})).update(STREAM({data()})).finish())"
        if kind < 0.95:
            return f"D.{name}({m.any()})"
        return f"R(D.{name}().{m.one(['finish()', 'init().finish()', f'update(STREAM({data()})).finish()'])})"
    name = m.one(OF_STRINGS)
    rest = ""
    if name == "blake2b":
        rest = m.one(["", "", f", {m.one(['1', '20', '32', '64', '65', '0', '-1', '1.5', 'nil', m.any()])}"])
        if rest:
            rest += m.one(
                ["", "", f", {m.string(m.bytes(64))}", ", ''", f", {m.string(m.random.randbytes(65))}", f", {m.any()}"]
            )
    return f"R(D.{name}({m.arguments(data, wrong=0.08)}{rest}))"


MODES = ["'CBC'", "'ECB'", "'CFB'", "'OFB'", "'CTR'", "nil", "'cbc'", "'GCM'", "5"]


def _key(m: Maker, size: int) -> str:
    if m.chance(0.1):
        size = m.one([0, 1, size - 1, size + 1, 64])
    return m.string(m.random.randbytes(size)) if m.chance(0.6) else f"('k'):rep({size})"


def aes(m: Maker) -> str:
    """A call of AES."""
    bits = m.one([128, 128, 192, 256])
    size = m.random.choice([0, 1, 15, 16, 17, 31, 32, 33, 48])
    data = m.string(m.random.randbytes(size)) if m.chance(0.7) else m.word()
    key, iv = _key(m, bits // 8), _key(m, 16)
    mode = m.one(MODES[:5] if m.chance(0.9) else MODES)
    rest = f"{key}, {iv}, {mode}, {bits}"
    kind = m.random.random()
    if kind < 0.08:
        rest = f"{_key(m, 16)}" + m.one(["", f", {iv}", ", nil", f", {iv}, 'CBC'"])
    elif kind < 0.12:
        rest = f"{key}, {iv}, {mode}, {m.one(['127', '0', 'nil', chr(39) + '128' + chr(39), '512'])}"
    elif kind < 0.16:
        rest = m.arguments(lambda: key, lambda: iv, lambda: mode, lambda: str(bits), wrong=0.4)
    kind = m.random.random()
    if kind < 0.5:
        return f"R(AES.encrypt({data}, {rest}))"
    if kind < 0.8:
        return f"R(AES.decrypt(AES.encrypt({data}, {rest}).asHex(), {rest}))"
    cipher = m.random.randbytes(m.one([0, 16, 32, 48, 8])).hex()
    if m.chance(0.3):
        cipher = m.one([cipher.upper(), cipher[1:], cipher + "zz", "xyz"])
    return f"R(AES.decrypt({m.string(cipher)}, {rest}))"


def ciphers(m: Maker) -> str:
    """A call of issac, morus or norx."""
    kind = m.random.random()

    def text() -> str:
        return m.string(m.random.randbytes(m.one([0, 1, 16, 31, 32, 33, 95, 96, 97, 100])))

    if kind < 0.3:
        plain = m.string("".join(m.some(lambda: chr(m.random.randint(32, 126)), 0, 40))) if m.chance(0.8) else text()
        key = m.word()
        return m.one([
            f"R(ISSAC.encrypt({m.arguments(lambda: plain, lambda: key, wrong=0.06)}))", f"R(ISSAC.decrypt(ISSAC.encrypt({plain}, {key}).asString(), {key}))",
            f"R(ISSAC.decrypt({plain}, {key}))", f"local _ = ISSAC.seedIsaac({key}, true) return ISSAC.getRandom(), ISSAC.getRandomChar(), ISSAC.getRandom()",
            f"ISSAC.random({m.small(-5, 5)}, {m.small(5, 1000)}, {key})", f"ISSAC.random({m.arguments(m.number, m.number, m.any)})", "ISSAC.random()",
            f"local _ = ISSAC.seedIsaac({key}, false) local t = {{}} for i = 1, 300 do t[i] = ISSAC.getRandom() end return t", f"C.random({m.small(0, 9)}, {m.small(9, 99)}, {key})",
        ])  # fmt: skip
    if kind < 0.6:
        key, nonce, data = _key(m, m.one([16, 32])), _key(m, 16), text()
        header = m.one(["", ", ''", f", {text()}", f", {m.word()}"])
        call = f"MORUS.encrypt({key}, {nonce}, {data}{header})"
        length = f", #({header[2:]})" if header else m.one(["", ", 0", ", 1", ", 1000"])
        return m.one([
            f"R({call})", f"R({call})", f"R(MORUS.decrypt({key}, {nonce}, {call}.asString(){length}))", f"R(MORUS.decrypt({key}, {nonce}, {data}{length}))",
            f"R(MORUS.decrypt({key}, {nonce}, {call}.asString() .. 'x'{length}))", f"R(MORUS.encrypt({m.arguments(lambda: key, lambda: nonce, lambda: data, wrong=0.3)}))",
        ])  # fmt: skip
    if kind < 0.95:
        key, nonce, data = _key(m, 32), _key(m, 32), text()
        around = m.one(["", f", {text()}", f", {text()}, {text()}", ", '', ''", f", nil, {text()}"])
        call = f"NORX.encrypt({key}, {nonce}, {data}{around})"
        return m.one([
            f"R({call})", f"R({call})", f"R(NORX.decrypt({key}, {nonce}, {call}.asString(){around}))", f"R(NORX.decrypt({key}, {nonce}, {data}{around}))",
            f"R(NORX.decrypt({key}, {nonce}, 'x' .. {call}.asString(){around}))", f"R(NORX.encrypt({m.arguments(lambda: key, lambda: nonce, lambda: data, wrong=0.3)}))",
        ])  # fmt: skip
    return m.one(
        [
            "MORUS",
            "NORX",
            "AES",
            "C._version",
            "C.cipher._version",
            "C.digest._version",
            "C.utils._version",
            "C.kdf._version",
            "C.mac._version",
            "MORUS.variant",
        ]
    )


def macs(m: Maker) -> str:
    """A call of HMAC or PBKDF2."""
    data = _data(m)
    key = m.string(m.random.randbytes(m.one([0, 1, 16, 20, 63, 64, 65, 100])))
    if m.chance(0.55):
        if m.chance(0.75):
            digest = m.one(["", ", 'sha1'", ", 'sha256'", ", 'md5'", ", 'SHA1'", f", {m.any()}"])
            return f"R(C.mac.createHmac(STREAM({data}), ARRAY({key}){digest}))"
        return f"R(C.mac.createHmac({m.arguments(lambda: f'STREAM({data})', lambda: f'ARRAY({key})', wrong=0.5)}))"
    digest = m.one(["", ", 'sha1'", ", 'sha256'", ", 'md5'", f", {m.any()}"])
    rounds, length = (
        m.one(["1", "2", "3", "5", "0", "-1", "1.5"]),
        m.one(["20", "32", "1", "0", "40", "33", "16", "-1"]),
    )
    password, salt = f"ARRAY({m.string(m.bytes(70))})", f"ARRAY({m.word()})"
    if m.chance(0.15):
        # Not any number of rounds or bytes: the reference would be at it for ever.
        wrong = [m.other() if m.chance(0.3) else value for value in (password, salt, rounds, length)]
        return f"R(C.kdf.pbkdf2({', '.join(wrong[: m.random.randint(1, 4)])}))"
    return f"R(C.kdf.pbkdf2({password}, {salt}, {rounds}, {length}{digest}))"


def helpers(m: Maker) -> str:
    """A call of the helpers for arrays, streams, queues and hexadecimal text."""
    kind = m.random.random()

    def data() -> str:
        return m.text() if m.chance(0.7) else m.string(m.bytes(20))

    def array() -> str:
        if m.chance(0.6):
            return "{" + ", ".join(m.some(lambda: m.small(0, 255), 0, 8)) + "}"
        if m.chance(0.7):
            return "{" + ", ".join(m.some(m.number, 0, 4)) + "}"
        return f"ARRAY({data()})"

    def hexadecimal() -> str:
        text = m.bytes(12).hex()
        if m.chance(0.4):
            text = m.one(
                [text.upper(), text[1:], text + "zz", " " + text, text[:4] + "\n" + text[4:], text + "g", "0x" + text]
            )
        return m.string(text)

    def place() -> str:

        return m.small(-5, 10)

    if kind < 0.2:
        return f"U.hex.stringToHex({m.arguments(data, wrong=0.08)}{m.one(['', '', ', 4', f', 16, {m.word()}', ', 0', f', nil, {m.word()}', ', 1.5', ', -1'])})"
    if kind < 0.35:
        return f"U.hex.hexToString({m.arguments(hexadecimal, wrong=0.08)}{m.one(['', '', ', true', ', false'])})"
    if kind < 0.5:
        name = m.one(["fromString", "fromHex"])
        made = f"U.stream.{name}({m.arguments(hexadecimal if name == 'fromHex' else data, wrong=0.05)})"
        return m.one(
            [
                f"U.stream.toString({made})",
                f"U.stream.toArray({made})",
                f"U.stream.toHex({made})",
                f"local s = {made} return s(), s(), s()",
                f"U.array.fromStream({made})",
            ]
        )
    if kind < 0.6:
        made = f"U.stream.fromArray({m.arguments(array, wrong=0.1)})"
        return m.one(
            [
                f"U.stream.toString({made})",
                f"U.stream.toArray({made})",
                f"U.stream.toHex({made})",
                f"U.array.fromStream(U.array.toStream({array()}))",
            ]
        )
    if kind < 0.68:
        return m.one([f"U.array.fromString({m.arguments(data)})", f"U.array.fromHex({m.arguments(hexadecimal)})"])
    if kind < 0.78:
        return f"U.array.{m.one(['toString', 'toHex', 'size', 'copy'])}({m.arguments(array, wrong=0.1)})"
    if kind < 0.92:
        return m.one([
            f"U.array.concat({m.arguments(array, array)})", f"U.array.XOR({m.arguments(array, array)})", f"U.array.truncate({m.arguments(array, place)})",
            # Both sides count from one place to the other: wide numbers would take for ever.
            f"U.array.slice({array()}, {place()}, {place()})", f"U.array.substitute({array()}, {array()})", f"U.array.permute({array()}, {{3, 1, 2}})",
            f"U.array.permute({m.arguments(array, array)})",
        ])  # fmt: skip
    use = "local q = U.queue() "
    for _ in range(m.random.randint(1, 6)):
        use += m.one(
            [
                f"q.push({m.any()}) ",
                "q.pop() ",
                f"U.array.writeToQueue(q, {array()}) ",
                f"q.push({m.small(0, 9)}) ",
                "q.reset() ",
            ]
        )
    return (
        use
        + f"return q.size(), q.getHead(), q.getTail(), q.pop(), {m.one(['q.pop()', 'U.array.readFromQueue(q, 2)', 'q', 'q.size()'])}"
    )


PRELUDE = (
    f"{ALL_BYTES} local C = require('.crypto') local D, U, AES, ISSAC = C.digest, C.utils, C.cipher.aes, C.cipher.issac "
    "local MORUS, NORX, STREAM, ARRAY = C.cipher.morus, C.cipher.norx, C.utils.stream.fromString, C.utils.array.fromString "
    "local function R(r, ...) if type(r) == 'table' and r.asHex then return r.asHex(), r.asString(), r.asBytes(), r end return r, ... end"
)

MODULES = [
    Module(".crypto.digest", digests, PRELUDE),
    Module(".crypto.aes", aes, PRELUDE),
    Module(".crypto.cipher", ciphers, PRELUDE),
    Module(".crypto.mac", macs, PRELUDE),
    Module(".crypto.utils", helpers, PRELUDE),
]
