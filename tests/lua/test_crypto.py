"""`.crypto`: the standards' own vectors, what was recorded of the network, and what a hostile process tries."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime import Process

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "crypto.json").read_text("utf-8"))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SUITE = ["", "a", "abc", "message digest", LETTERS, LETTERS.upper() + LETTERS + "0123456789", "1234567890" * 8]
PRELUDE = "C = require('.crypto') S = C.utils.stream.fromString A = C.utils.array return 1"


def lua(data: bytes) -> str:
    """Bytes as a literal of Lua."""
    return "'" + "".join(f"\\{byte:03d}" for byte in data) + "'"


@pytest.fixture(scope="module")
def process() -> Process:
    """A process that has the library at hand as C."""
    process = Process.spawn()
    assert process.eval(PRELUDE).error is None
    return process


def ask(process: Process, code: str) -> str:
    """What an Eval answers."""
    result = process.eval(code)
    assert result.error is None, result.error
    text = result.text
    assert text is not None
    return text


# Recorded of the network


@pytest.mark.parametrize("step", VECTORS["steps"][1:], ids=lambda step: step["message"]["Id"][-3:])
def test_recorded(process: Process, step: dict) -> None:  # type: ignore[type-arg]
    """What was recorded of the network's module comes out here."""
    assert step["result"]["Output"]["data"] == ask(process, step["message"]["Data"])


# Digests


RFC_1319 = [
    "8350e5a3e24c153df2275c9f80692773",
    "32ec01ec4a6dac72c0ab96fb34c0b5d1",
    "da853b0d3f88d99b30283a69e6ded6bb",
    "ab4f496bfb2a530b219ff33031fe06b0",
    "4e8ddff3650292ab5a4108c3aa47940b",
    "da33def2a42df13975352846c30338cd",
    "d5976f79d83d3a0dc9806c3c66f3efd8",
]
RFC_1320 = [
    "31d6cfe0d16ae931b73c59d7e0c089c0",
    "bde52cb31de33e46245e05fbdbd6fb24",
    "a448017aaf21d8525fc10ae87aa6729d",
    "d9130a8164549fe818874806e1c7014b",
    "d79e1c308aa5bbcdeea8ed63df412da9",
    "043f8582f241db351ce627e153e7f0e4",
    "e33b4ddc9c38f2199c3e7b164fcc0536",
]
RFC_1321 = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "0cc175b9c0f1b6a831c399e269772661",
    "900150983cd24fb0d6963f7d28e17f72",
    "f96b697d7cb7938d525a2f31aaf161d0",
    "c3fcd3d76192e4007dfb496cca67e13b",
    "d174ab98d277d9f5a5611c2c9f419d9f",
    "57edf4a22be3c955ac49da2e2107b67a",
]


@pytest.mark.parametrize(("name", "expected"), [("md2", RFC_1319), ("md4", RFC_1320), ("md5", RFC_1321)])
def test_md(process: Process, name: str, expected: list[str]) -> None:
    """The test suites of RFC 1319, 1320 and 1321 (appendix A.5)."""
    assert expected == [ask(process, f"return C.digest.{name}(S('{text}')).asHex()") for text in SUITE]


TWO_BLOCKS = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
FOUR_WORDS = (
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("sha1(S('abc'))", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (f"sha1(S('{TWO_BLOCKS}'))", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ("sha2_256(S('abc'))", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            f"sha2_256(S('{TWO_BLOCKS}'))",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            "sha2_512('abc')",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ],
)
def test_fips_180(process: Process, call: str, expected: str) -> None:
    """The examples of FIPS 180-4 (NIST, Cryptographic Standards and Guidelines: SHA examples)."""
    assert expected == ask(process, f"return C.digest.{call}.asHex()")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("sha3_256('')", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
        ("sha3_256('abc')", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        (
            "sha3_512('abc')",
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
            "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        ),
        ("keccak256('')", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (
            "keccak512('')",
            "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304"
            "c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e",
        ),
    ],
)
def test_fips_202(process: Process, call: str, expected: str) -> None:
    """The examples of FIPS 202, and of the Keccak team (ShortMsgKAT of the Keccak submission, round 3)."""
    assert expected == ask(process, f"return C.digest.{call}.asHex()")


def test_rfc_7693(process: Process) -> None:
    """The example of RFC 7693, appendix A."""
    expected = (
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    )
    assert expected == ask(process, "return C.digest.blake2b('abc').asHex()")


STREAMED = {"md5": "md5", "sha1": "sha1", "sha2_256": "sha256"}
WHOLE = {"sha2_512": ("sha512", 128), "sha3_256": ("sha3_256", 136), "sha3_512": ("sha3_512", 72)}


@settings(deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(STREAMED)))
def test_streams_like_hashlib(process: Process, data: bytes, name: str) -> None:
    """A digest of a stream is hashlib's, also where the stream is the process's own and gives byte for byte."""
    expected = hashlib.new(STREAMED[name], data).hexdigest()
    assert expected == ask(process, f"return C.digest.{name}(S({lua(data)})).asHex()")
    own = f"local read = S({lua(data)}) return C.digest.{name}(function() return (read()) end).asHex()"
    assert expected == ask(process, own)


def standard(name: str, size: int) -> bool:
    """Does the network's code follow the standard for a message of so many bytes?"""
    rate = WHOLE[name][1]
    if name == "sha2_512":
        return not 112 <= size % rate <= 118
    return size % rate != rate - 1


@settings(deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(WHOLE)))
def test_strings_like_hashlib(process: Process, data: bytes, name: str) -> None:
    """A digest of a string is hashlib's, but for the lengths at which the network pads in its own way."""
    ours = ask(process, f"return C.digest.{name}({lua(data)}).asHex()")
    assert (hashlib.new(WHOLE[name][0], data).hexdigest() == ours) is standard(name, len(data))


@settings(deadline=None)
@given(data=st.binary(max_size=400), size=st.integers(1, 64), key=st.binary(max_size=64))
def test_blake2b_like_hashlib(process: Process, data: bytes, size: int, key: bytes) -> None:
    """BLAKE2b is hashlib's, unless the last block is full."""
    full = len(data) % 128 == 0 and bool(data or key)
    ours = ask(process, f"return C.digest.blake2b({lua(data)}, {size}, {lua(key)}).asHex()")
    if size > 3:  # shorter ones may be equal by chance
        assert (hashlib.blake2b(data, digest_size=size, key=key).hexdigest() == ours) is not full


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("sha2_512(('x'):rep(112))", "25828a31316a28e9"),
        ("sha3_256(('x'):rep(135))", "913f7e88ec4deb5d"),
        ("sha3_512(('x'):rep(71))", "6819deb78a98e1b6"),
        ("keccak256(('x'):rep(135))", "867ddea53e4aba5e"),
        ("blake2b(('x'):rep(128))", "b74a49cf8c432e21"),
        ("blake2b('', 10, 'key')", "5da521d374d7d430"),
    ],
)
def test_where_the_network_leaves_the_standards(process: Process, call: str, expected: str) -> None:
    """Recorded of the network: padding at the border of a block that is not the standard's."""
    digest = ask(process, f"return C.digest.{call}.asHex()")
    assert expected == digest[:16]


def test_shapes(process: Process) -> None:
    """asBytes gives bytes, words or characters, or is not there, as on the network."""
    code = """
    local d, o = C.digest, {}
    o[1] = d.md5(S'abc').asBytes()[1]
    o[2] = d.sha2_512('abc').asBytes()[1]
    o[3] = d.blake2b('abc').asBytes()[1]
    o[4] = d.sha3_256('abc').asBytes
    o[5] = #d.sha1(S'abc').asBytes()
    return tostring(o[1])..' '..tostring(o[2])..' '..#o[3]..' '..tostring(o[4])..' '..tostring(o[5])
    """
    assert ask(process, code) == "144 -2472698702324467014 1 nil 20"


def test_objects(process: Process) -> None:
    """SHA-1 and SHA-256 as objects show the state between two blocks, and go on behind the end of a message."""
    code = """
    local h = require'.crypto.digest.sha2_256'.SHA2_256() local o = {h.asHex()}
    h.update(S'abc') o[2] = h.asHex() h.update(S(('def'):rep(30))) o[3] = h.asHex()
    h.finish() o[4] = h.asHex() h.finish() o[5] = h.asHex()
    for i, s in ipairs(o) do o[i] = s:sub(1, 16) end
    return table.concat(o, ' ')
    """
    recorded = "6a09e667bb67ae85 6a09e667bb67ae85 f7fd5e8b23259c03 e283d51056384784 276cba898dfc5039"
    assert recorded == ask(process, code)


# AES


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (128, "69C4E0D86A7B0430D8CDB78070B4C55A"),
        (192, "DDA97CA4864CDFE06EAF70A0EC0D7191"),
        (256, "8EA2B7CA516745BFEAFC49904B496089"),
    ],
)
def test_fips_197(process: Process, bits: int, expected: str) -> None:
    """The example vectors of FIPS 197, appendix C, there and back."""
    code = f"""
    local aes, key = require'.crypto.cipher.aes{bits}', {{}}
    for i = 1, {bits // 8} do key[i] = i - 1 end
    local plain = A.fromHex('00112233445566778899aabbccddeeff')
    local crypted = aes.encrypt(key, plain)
    return A.toHex(crypted) .. A.toHex(aes.decrypt(key, crypted))
    """
    assert expected + "00112233445566778899AABBCCDDEEFF" == ask(process, code)


PLAIN = (
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
KEYS = {
    128: "2b7e151628aed2a6abf7158809cf4f3c",
    192: "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
    256: "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
}
IV = "000102030405060708090a0b0c0d0e0f"
COUNTER = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"


@pytest.mark.parametrize(
    ("mode", "bits", "expected"),
    [
        ("ECB", 128, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"),
        ("ECB", 192, "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"),
        ("ECB", 256, "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"),
        ("CBC", 128, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"),
        ("CBC", 192, "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"),
        ("CBC", 256, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"),
        ("CFB", 128, "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"),
        ("OFB", 128, "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"),
        ("CTR", 128, "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"),
    ],
)
def test_sp_800_38a(process: Process, mode: str, bits: int, expected: str) -> None:
    """The vectors of NIST SP 800-38A, appendix F (the first two blocks), there and back."""
    iv = COUNTER if mode == "CTR" else "" if mode == "ECB" else IV
    code = f"""
    local hex, aes = C.utils.hex.hexToString, C.cipher.aes
    local key, iv = hex('{KEYS[bits]}'), hex('{iv}')
    local crypted = aes.encrypt(hex('{PLAIN[:64]}'), key, iv, '{mode}', {bits}).asHex()
    return crypted .. aes.decrypt(crypted, key, iv, '{mode}', {bits}).asHex()
    """
    assert (expected + PLAIN[:64]).upper() == ask(process, code)


@pytest.mark.parametrize("mode", ["CBC", "ECB", "CFB", "OFB", "CTR"])
@settings(deadline=None, max_examples=25)
@given(data=st.binary(max_size=70), iv=st.binary(max_size=20), bits=st.sampled_from([128, 192, 256]))
def test_modes_agree(process: Process, mode: str, data: bytes, iv: bytes, bits: int) -> None:
    """The mode objects, block by block in Lua, give what `aes` gives at once in Python."""
    code = f"""
    local key = ('0123456789abcdef'):rep(2)
    local crypted = C.cipher.aes.encrypt({lua(data)}, key, {lua(iv)}, '{mode}', {bits}).asHex()
    for way, input in pairs{{Cipher = {lua(data)}, Decipher = C.utils.hex.hexToString(crypted)}} do
      local object = require('.crypto.cipher.mode.{mode.lower()}')[way]()
      object.setBlockCipher(require'.crypto.cipher.aes{bits}').setPadding(require'.crypto.padding.zero')
      object.setKey(A.fromString(key)).init().update(S({lua(iv)})).update(S(input)).finish()
      local whole = crypted
      if way == 'Decipher' then
        whole = C.cipher.aes.decrypt(crypted, key, {lua(iv)}, '{mode}', {bits}).asHex()
      end
      if object.asHex() ~= whole then return way end
    end
    return 'equal'
    """
    assert ask(process, code) == "equal"


def test_results_of_aes_are_taken_once(process: Process) -> None:
    """What AES answers can be read once, as on the network, where it is a queue."""
    code = "local r = C.cipher.aes.encrypt('ao', 'super_secret_shh') return r.asHex() .. '|' .. r.asHex()"
    assert ask(process, code) == "3FF54BD61AD1AA06BC367A10575CC7C5|"


# HMAC and PBKDF2


@pytest.mark.parametrize(
    ("digest", "key", "data", "expected"),
    [
        ("sha1.SHA1", b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ("sha1.SHA1", b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            "sha2_256.SHA2_256",
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "sha2_256.SHA2_256",
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_hmac(process: Process, digest: str, key: bytes, data: bytes, expected: str) -> None:
    """Cases of RFC 2202 (SHA-1) and RFC 4231 (SHA-256), of the construction of RFC 2104."""
    module, constructor = digest.split(".")
    code = f"""
    local object = require'.crypto.mac.hmac'.HMAC()
    object.setBlockSize(64).setDigest(require'.crypto.digest.{module}'.{constructor})
    return object.setKey(A.fromString({lua(key)})).init().update(S({lua(data)})).finish().asHex()
    """
    assert expected == ask(process, code)


def test_create_hmac_is_the_networks(process: Process) -> None:
    """createHmac has blocks of 32 bytes, as recorded of the network; a key that is a string counts as zeros."""
    code = """
    return C.mac.createHmac(S'data', A.fromString'key').asHex() .. ' ' .. C.mac.createHmac(S'data', 'key').asHex()
    """
    recorded = "21b35b42abbb2c4da5cfeda6791c5a5d75fbf657 e3dc34c482357de1e37415d5330caa898ce10e71"
    assert recorded == ask(process, code)


@pytest.mark.parametrize(
    ("password", "salt", "iterations", "length", "expected"),
    [
        ("password", "salt", 1, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        ("password", "salt", 2, 20, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
        ("password", "salt", 4096, 20, "4b007901b765489abead49d926f721d065a429c1"),
        (
            "passwordPASSWORDpassword",
            "saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            25,
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
        ("pass\\0word", "sa\\0lt", 4096, 16, "56fa6aa75548099dcc37d7f03425e0c3"),
    ],
)
def test_rfc_6070(process: Process, password: str, salt: str, iterations: int, length: int, expected: str) -> None:
    """The vectors of RFC 6070 (without the one of 16 million iterations)."""
    code = f"""
    return C.kdf.pbkdf2(A.fromString'{password}', A.fromString'{salt}', {iterations}, {length}).asHex():lower()
    """
    assert expected == ask(process, code)


def test_digest_of_the_process(process: Process) -> None:
    """HMAC and PBKDF2 over a digest that the process made are computed with it, call by call."""
    code = """
    local inner = require'.crypto.digest.sha1'.SHA1
    local count = 0
    local function own()
      local h, object = inner(), {}
      for name, f in pairs(h) do object[name] = f end
      object.finish = function() count = count + 1 h.finish() return object end
      object.init = function() h.init() return object end
      object.update = function(s) h.update(s) return object end
      return object
    end
    local prf = require'.crypto.mac.hmac'.HMAC().setBlockSize(64).setDigest(own)
    local key = require'.crypto.kdf.pbkdf2'.PBKDF2().setPRF(prf).setBlockLen(20).setDKeyLen(20).setIterations(5)
    key.setPassword(A.fromString'password').setSalt(A.fromString'salt').finish()
    local whole = C.kdf.pbkdf2(A.fromString'password', A.fromString'salt', 5, 20)
    return tostring(key.asHex() == whole.asHex()) .. count
    """
    assert ask(process, code) == "true10"


# The ciphers of ours


def test_norx(process: Process) -> None:
    """The vector of the NORX 3.0 paper for NORX64-4-1: key 00…1F, nonce 20…3F, header, text and trailer 00…7F."""
    code = """
    local function bytes(from, to)
      local t = {}
      for i = from, to do t[#t + 1] = string.char(i) end
      return table.concat(t)
    end
    local key, nonce, text = bytes(0, 31), bytes(32, 63), bytes(0, 127)
    local e = C.cipher.norx.encrypt(key, nonce, text, text, text).asString()
    local back = C.cipher.norx.decrypt(key, nonce, e, text, text) == text
    return C.utils.hex.stringToHex(e:sub(1, 16)) .. C.utils.hex.stringToHex(e:sub(-32)) .. tostring(back)
    """
    expected = "c0816e508ae4a0500b93387bbbabc241d1f2fa3305a32376e23a61d1c989303fbfbd935aa55b17e4e7254733c473408etrue"
    assert expected == ask(process, code)


def test_isaac(process: Process) -> None:
    """The second 256 numbers for a seed of zeros begin as Bob Jenkins's randvect.txt does."""
    code = """
    local isaac, o = C.cipher.issac, {}
    isaac.seedIsaac('', true)
    for _ = 1, 256 do isaac.getRandom() end
    for i = 1, 4 do o[i] = string.format('%08x', isaac.getRandom()) end
    return table.concat(o, ' ')
    """
    assert ask(process, code) == "f650e4c8 e448e96d 98db2fb4 f5fad54f"


@settings(deadline=None, max_examples=40)
@given(m=st.binary(max_size=120), ad=st.binary(max_size=70), key=st.sampled_from([16, 32]), flip=st.integers(0, 999))
def test_sealed(process: Process, m: bytes, ad: bytes, key: int, flip: int) -> None:
    """MORUS and NORX give back what was encrypted, and nothing once a bit of it has changed."""
    code = f"""
    local m, ad, key, iv = {lua(m)}, {lua(ad)}, ('k'):rep({key}), ('n'):rep(16)
    local function change(s)
      local at = {flip} % #s + 1
      return s:sub(1, at - 1) .. string.char(s:byte(at) ~ 1) .. s:sub(at + 1)
    end
    local morus, norx = C.cipher.morus, C.cipher.norx
    local e = morus.encrypt(key, iv, m, ad).asString()
    local f = norx.encrypt(('k'):rep(32), ('n'):rep(32), m, ad, ad).asString()
    return table.concat({{
      tostring(morus.decrypt(key, iv, e, #ad) == m),
      tostring(morus.decrypt(key, iv, change(e), #ad)),
      tostring(norx.decrypt(('k'):rep(32), ('n'):rep(32), f, ad, ad) == m),
      tostring(norx.decrypt(('k'):rep(32), ('n'):rep(32), change(f), ad, ad)),
    }}, ' ')
    """
    assert ask(process, code) == "true nil true nil"


def test_morus(process: Process) -> None:
    """Recorded of the network: MORUS-1280 with key 00…1F, iv 00…0F, text and associated data 00…1F."""
    code = """
    local function bytes(to) local t = {} for i = 0, to do t[#t + 1] = string.char(i) end return table.concat(t) end
    return C.cipher.morus.encrypt(bytes(31), bytes(15), bytes(31), bytes(31)).asHex():sub(65)
    """
    recorded = "724492367d0cfad9ddfb992ad9818df8cfcb49ca77a074408482145731f6856125a5d273e5ca18c3622e7f5619f769af"
    assert recorded == ask(process, code)


def test_random(process: Process) -> None:
    """C.random seeds anew at each call: without a seed it always answers the same."""
    code = "return tostring(C.random()) .. ' ' .. C.random(1, 10) .. ' ' .. C.random(1, 10, 'seed')"
    assert ask(process, code) == "532713800.0 9 2"


# Names


def test_names(process: Process) -> None:
    """The names that the network requires work; `.crypto` and `.crypto.init` are two tables of the same things."""
    code = """
    for _, n in ipairs{'.crypto.init', '.crypto.digest', '.crypto.digest.init', '.crypto.util', '.crypto.util.init',
        '.crypto.cipher', '.crypto.cipher.init', '.crypto.mac', '.crypto.mac.init',
        '.crypto.kdf', '.crypto.kdf.init'} do
      if type(require(n)) ~= 'table' then return n end
    end
    local a, b = require'.crypto', require'.crypto.init'
    return tostring(a ~= b and a.digest == b.digest and a.digest == require'.crypto.digest.init')
    """
    assert ask(process, code) == "true"


def test_costs_nothing_until_required() -> None:
    """A process that has not asked for it has loaded none of it."""
    code = "local n = 0 for k in pairs(package.loaded) do if k:find'crypto' then n = n + 1 end end return n"
    assert Process.spawn().eval(code).text == "0"


# Errors and attacks


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("C.digest.md5('abc')", '[string ".crypto.digest.md5"]:231: attempt to call a string value'),
        (
            "C.digest.sha2_512(nil)",
            "[string \".crypto.digest.sha2_512\"]:79: attempt to get length of a nil value (local 'msg')",
        ),
        (
            "C.cipher.aes.encrypt('attack', 'short')",
            "[string \".crypto.cipher.aes128\"]:457: bad argument #1 to 'XOR' (number expected, got nil)",
        ),
        ("C.utils.hex.hexToString('616')", '[string ".crypto.util.hex"]:71: invalid hex string'),
        ("C.mac.createHmac(S'', {}, 'md5')", '[string ".crypto.mac.hmac"]:217: Unsupported algorithm: md5'),
        ("C.random(1, 0)", "[string \".crypto.cipher.issac\"]:255: attempt to perform 'n%0'"),
        (
            "C.cipher.morus.encrypt('k', 'n', '')",
            '[string ".crypto.cipher.morus"]:411: key must be 16 or 32 bytes',
        ),
        ("select(2, C.digest.blake2b('abc', 65))", "illegal parameters"),
    ],
)
def test_errors(process: Process, code: str, expected: str) -> None:
    """A wrong argument fails with the network's text."""
    assert expected == ask(process, f"local ok, e = pcall(function() return {code} end) return tostring(e)")


def test_nothing_of_python(process: Process) -> None:
    """Nothing that `.crypto` and its modules hold is a userdata, nor does a failure give one."""
    code = """
    local seen, bad = {}, {}
    local function walk(v, path)
      if type(v) == 'userdata' then bad[#bad + 1] = path end
      if type(v) ~= 'table' or seen[v] then return end
      seen[v] = true
      for k, x in pairs(v) do walk(k, path) walk(x, path .. '.' .. tostring(k)) end
      walk(getmetatable(v), path .. '.meta')
    end
    for name, module in pairs(package.loaded) do walk(module, name) end
    local trick = setmetatable({}, {__len = function() return 3 end, __index = function() return {} end,
      __call = function() return nil end, __tostring = function() return 'x' end})
    for _, f in pairs(C.digest) do
      for _, x in ipairs{trick, 1, true, 'abc', next} do
        if type(f) == 'function' then
          local ok, e = pcall(f, x)
          if type(e) == 'userdata' then bad[#bad + 1] = 'error' end
        end
      end
    end
    for _, x in ipairs{trick, 1, true} do walk(select(2, pcall(C.cipher.aes.encrypt, x, x, x)), 'aes') end
    return #bad == 0 and 'none' or table.concat(bad, ' ')
    """
    assert ask(process, code) == "none"


def test_replaced_globals() -> None:
    """A process that replaces what our modules are built of, before it requires them, learns of no private table
    with which Python could be called."""
    code = """
    local found = {}
    local set, old = setmetatable, require
    setmetatable = function(t, m) found[#found + 1] = t return set(t, m) end
    require = function(...) for i = 2, select('#', ...) do found[#found + 1] = select(i, ...) end return old((...)) end
    local C = require('.crypto')
    C.digest.sha1(C.utils.stream.fromString('abc'))
    for _, t in ipairs(found) do
      for k, v in pairs(t) do
        if k == 'native' or k == 'load' or type(v) == 'userdata' then return 'leak' end
      end
    end
    return 'none'
    """
    assert Process.spawn().eval(code).text == "none"


@pytest.mark.parametrize("limits", [{"seconds": 0.3}, {"instructions": 20_000_000}])
def test_iterations_meet_the_limits(limits: dict[str, float]) -> None:
    """2^31 iterations of PBKDF2 are stopped by either limit, and what was before is still there."""
    process = Process.spawn()
    process.eval("x = 5 C = require('.crypto') A = C.utils.array return 1")
    code = "x = 6 return pcall(C.kdf.pbkdf2, A.fromString'p', A.fromString's', 2^31, 20)"
    error = process.eval(code, limits=limits).error
    assert error is not None
    assert "limit of" in error
    assert process.eval("return x").text == "5"
