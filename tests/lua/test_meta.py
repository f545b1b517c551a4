"""The stubs for editors (`lua/meta`) say what the modules are: every field, every function, every parameter count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.vm import chunks
from ao_runtime.vm.chunks import FOLDER

from .processes import Subject

META = FOLDER / "meta"
FILES = sorted(META.glob("*.lua"))

# Reading the stubs -----------------------------------------------------------

_CLASS = re.compile(r"---@class (?P<name>[\w.]+)\Z")
_FIELD = re.compile(r'---@field (?:\["(?P<quoted>[^"]+)"\]|(?P<name>\w+))(?P<optional>\?)? (?P<rest>.+)\Z')
_FUNCTION = re.compile(
    r"(?:local )?function (?P<path>[\w.]+?)(?P<colon>:)?(?(colon)(?P<method>\w+))\((?P<params>.*)\) end\Z"
)
_VALUE = re.compile(r"(?P<local>local )?(?P<name>\w+) = .+\Z")
_PARAM = re.compile(r"---@param (\w+|\.\.\.)\??")


@dataclass
class Function:
    """One function of a stub."""

    where: str
    parameters: list[str]
    doc: list[str]

    @property
    def sentence(self) -> str:
        """What is said of it before its first annotation."""
        return " ".join(line[3:] for line in self.doc if not line.startswith("---@"))

    @property
    def described(self) -> list[str]:
        """The names of its `---@param` lines."""
        return [match[1] for line in self.doc if (match := _PARAM.match(line))]

    @property
    def overloaded(self) -> bool:
        """Whether it has another call form."""
        return any(line.startswith("---@overload ") for line in self.doc)


@dataclass
class Field:
    """One `---@field`, or a global's `---@type`."""

    where: str
    type: str
    optional: bool
    sentence: str


@dataclass
class Class:
    """One `---@class` and the functions of the table that stands below it."""

    where: str
    doc: list[str]
    fields: dict[str, Field] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    operators: set[str] = field(default_factory=set)


@dataclass
class Stubs:
    """All that the stub files declare."""

    classes: dict[str, Class] = field(default_factory=dict)
    globals: dict[str, Function | Field | str] = field(default_factory=dict)
    #: Functions of Lua's own libraries, and those that a file returns: "math.pow", "dump".
    others: dict[str, Function] = field(default_factory=dict)
    #: File name -> what it returns.
    returned: dict[str, str] = field(default_factory=dict)


def _split(rest: str) -> tuple[str, str]:
    """The type and the sentence of a field: the first blank outside of brackets, not behind `|` or `:`, parts them."""
    depth = 0
    for index, letter in enumerate(rest):
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == " " and not depth and rest[index - 1] not in ":,|":
            return rest[:index], rest[index + 1 :]
    return rest, ""


def _read_class(stubs: Stubs, where: str, doc: list[str]) -> str | None:
    """Takes in a class if the comment holds one; its name."""
    names = [match["name"] for line in doc if (match := _CLASS.match(line))]
    if not names:
        return None
    (name,) = names
    assert name not in stubs.classes, f"{where}: {name} is declared twice"
    made = stubs.classes[name] = Class(where, doc)
    for line in doc:
        if match := _FIELD.match(line):
            kind, sentence = _split(match["rest"])
            made.fields[match["quoted"] or match["name"]] = Field(where, kind, bool(match["optional"]), sentence)
        elif line.startswith("---@operator "):
            made.operators.add(re.match(r"---@operator (\w+)", line)[1])  # type: ignore[index]
        elif line.startswith("---@field ["):
            pass  # an index: `[string] any`
        else:
            assert not line.startswith("---@field"), f"{where}: cannot read {line}"
    return name


def _read(path: Path, stubs: Stubs) -> None:
    """Takes in one file: comments, and the three kinds of lines that stubs have."""
    tables: dict[str, str] = {}  # variable -> its class
    local_functions: set[str] = set()
    doc: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        if line.startswith("---") and not line.startswith("----"):
            doc.append(line)
            continue
        name = _read_class(stubs, where, doc)
        if match := _FUNCTION.match(line):
            parameters = [part for part in match["params"].split(", ") if part]
            if match["colon"]:
                parameters.insert(0, "self")
            made = Function(where, parameters, doc)
            table, _, key = (
                match["path"].rpartition(".") if not match["colon"] else (match["path"], "", match["method"])
            )
            if table in tables:
                functions = stubs.classes[tables[table]].functions
                assert key not in functions, f"{where}: {key} is declared twice"
                functions[key] = made
            elif table or line.startswith("local "):
                stubs.others[f"{table}.{key}" if table else f"{path.stem}"] = made
                local_functions.add(key)
            else:
                stubs.globals[key] = made
        elif match := _VALUE.match(line):
            if name:
                tables[match["name"]] = name
            if not match["local"]:
                types = [text.removeprefix("---@type ") for text in doc if text.startswith("---@type ")]
                sentence = " ".join(text[3:] for text in doc if not text.startswith("---@"))
                stubs.globals[match["name"]] = name or Field(where, types[0], False, sentence)
        elif match := re.fullmatch(r"return (\w+)", line):
            stubs.returned[path.stem] = tables.get(match[1], path.stem if match[1] in local_functions else match[1])
        else:
            assert not line or line.startswith("--"), f"{where}: cannot read {line}"
        doc = []


def _read_all() -> Stubs:
    stubs = Stubs()
    for path in FILES:
        _read(path, stubs)
    return stubs


STUBS = _read_all()

# Looking at the modules ------------------------------------------------------

_LOOK = """
local json = require("json")
local function tell(value)
  local kind = type(value)
  if kind == "function" then
    local info = debug.getinfo(value, "u")
    return { kind, info.nparams, info.isvararg }
  end
  return { kind }
end
local function fields(value)
  local found = {}
  for key, item in pairs(value) do
    if type(key) == "string" then
      found[key] = tell(item)
    end
  end
  return found
end
%s
return json.encode(fields((function() %s end)()))
"""


@pytest.fixture(scope="module")
def subject() -> Subject:
    """A process to look into."""
    return Subject()


def look(subject: Subject, code: str, before: str = "") -> dict[str, list[Any]]:
    """The string keys of the table that the code returns: each with its type, and a function's parameter count."""
    found = json.loads(subject.eval(_LOOK % (before, code)))
    return found if isinstance(found, dict) else {}


def value_type(kind: str) -> str:
    """Lua's name of the type that an annotation stands for."""
    plain = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "any": "any"}
    if kind in plain:
        return plain[kind]
    if kind.startswith("fun("):
        return "function"
    return "table" if kind.endswith("[]") or kind.startswith(("table", "{")) or kind in STUBS.classes else "any"


#: What a process requires, and the class (or the function) that its stub returns.
MODULES = {
    "ao": "ao",
    ".ao": "ao",
    ".handlers": "Handlers",
    ".handlers-utils": "Handlers.utils",
    ".utils": "Utils",
    "json": "json",
    ".base64": "base64",
    ".stringify": "stringify",
    ".pretty": "pretty",
    ".chance": "chance",
    ".assignment": "assignment",
    ".process": "process",
    ".apm": "apm",
    ".crypto": "crypto",
    ".crypto.digest": "crypto.digest",
    ".crypto.digest.sha1": "crypto.digest.sha1",
    ".crypto.digest.sha2_256": "crypto.digest.sha2_256",
    ".crypto.cipher": "crypto.cipher",
    ".crypto.cipher.aes": "crypto.cipher.aes",
    ".crypto.cipher.aes128": "crypto.BlockCipher",
    ".crypto.cipher.aes192": "crypto.BlockCipher",
    ".crypto.cipher.aes256": "crypto.BlockCipher",
    ".crypto.cipher.issac": "crypto.cipher.issac",
    ".crypto.cipher.morus": "crypto.cipher.morus",
    ".crypto.cipher.norx": "crypto.cipher.norx",
    ".crypto.cipher.mode.cbc": "crypto.cipher.mode",
    ".crypto.cipher.mode.cfb": "crypto.cipher.mode",
    ".crypto.cipher.mode.ctr": "crypto.cipher.mode",
    ".crypto.cipher.mode.ecb": "crypto.cipher.mode",
    ".crypto.cipher.mode.ofb": "crypto.cipher.mode",
    ".crypto.mac": "crypto.mac",
    ".crypto.mac.hmac": "crypto.mac.hmac",
    ".crypto.kdf": "crypto.kdf",
    ".crypto.kdf.pbkdf2": "crypto.kdf.pbkdf2",
    ".crypto.digest.sha3": "crypto.digest.sha3",
    ".crypto.util": "crypto.utils",
    ".crypto.util.bit": "bit32lib",
    ".crypto.util.array": "crypto.utils.array",
    ".crypto.util.stream": "crypto.utils.stream",
    ".crypto.util.hex": "crypto.utils.hex",
}
#: Modules that are one function.
FUNCTIONS = {".dump": "dump", ".bint": "bint", ".eval": "eval", ".boot": "boot", ".default": "default"}

#: Modules that are one function of another module, by its class.
MEMBERS = {
    ".crypto.digest.md2": ("crypto.digest", "md2"),
    ".crypto.digest.md4": ("crypto.digest", "md4"),
    ".crypto.digest.md5": ("crypto.digest", "md5"),
    ".crypto.digest.sha2_512": ("crypto.digest", "sha2_512"),
    ".crypto.digest.blake2b": ("crypto.digest", "blake2b"),
    ".crypto.util.queue": ("crypto.utils", "queue"),
}
#: Modules without a stub: parts of others that a process has no use for, and one that is an alias in `crypto.lua`.
INNER = {
    ".process-failure",
    ".process-globals",
    ".process-message",
    ".crypto.private",
    ".crypto.cipher.block",
    ".crypto.cipher.mode.machine",
    ".crypto.digest.blake2b_blocks",
    ".crypto.digest.hasher",
    ".crypto.digest.sha2_512_blocks",
    ".crypto.digest.sha3_blocks",
    ".crypto.padding.zero",
}

_CRYPTO = "local c = require('.crypto') local s = c.utils.stream.fromString "
_SQLITE = "local db = require('lsqlite3').open_memory() "
#: Code that returns a table of a class, where the class is not a module's.
OBJECTS = {
    "ao.Sent": "return ao.send({ Target = 'x', Data = 'y' })",
    "ao.Spawned": "return ao.spawn('MODULE', {})",
    "ao.OutboxMessage": "ao.send({ Target = 'x', Data = 'y' }) return ao.outbox.Messages[#ao.outbox.Messages]",
    "ao.OutboxSpawn": "ao.spawn('MODULE', {}) return ao.outbox.Spawns[#ao.outbox.Spawns]",
    "ao.Outbox": "return ao.outbox",
    "ao.Result": "return ao.result({})",
    "ao.Environment": "return ao.env",
    "ao.Environment.Process": "return ao.env.Process",
    "ao.Environment.Module": "return ao.env.Module",
    "ao.Assignable": "ao.addAssignable('x', '_') return ao.assignables[#ao.assignables]",
    "ao.Colors": "return Colors",
    "ao.SendReceipt": "return Send({ Target = 'x' })",
    "ao.SpawnReceipt": "return Spawn({})",
    "Handlers.Handler": "return Handlers.list[1]",
    "Handlers.Place": "return Handlers.before('_eval')",
    "bint": "return require('.bint')(256)",
    "bit32lib": "return bit32",
    "crypto.Result": _CRYPTO + "return c.digest.md5(s('x'))",
    "crypto.TextResult": _CRYPTO + "return c.digest.keccak256('x')",
    "crypto.PiecesResult": _CRYPTO + "return c.digest.blake2b('x')",
    "crypto.Hasher": _CRYPTO + "return c.digest.sha1(s('x'))",
    "crypto.HMAC": _CRYPTO + "return c.mac.createHmac(s('x'), { 1 })",
    "crypto.PBKDF2": _CRYPTO + "return c.kdf.pbkdf2({ 1 }, { 1 }, 1, 8)",
    "crypto.ModeObject": "return require('.crypto.cipher.mode.cbc').Cipher()",
    "crypto.Queue": _CRYPTO + "return c.utils.queue()",
    "lsqlite3": "return require('lsqlite3')",
    "lsqlite3.Database": _SQLITE + "return getmetatable(db)",
    "lsqlite3.Statement": _SQLITE + "return getmetatable(db:prepare('SELECT 1'))",
    "lsqlite3.Context": _SQLITE
    + "local found db:create_function('f', 0, function(context) found = getmetatable(context) end) "
    + "db:exec('SELECT f()') return found",
    "lsqlite3.Backup": _SQLITE
    + "local q = require('lsqlite3') return getmetatable(q.backup_init(q.open_memory(), 'main', db, 'main'))",
}
#: Names that are found when asked for, and that `pairs` does not list.
UNLISTED = {
    "ao.Sent": {"Ref_", "after"},
    "ao.Spawned": {"Ref_", "after"},
    "ao.SpawnReceipt": {"after"},
}
#: What a stub says with other words: metamethods are `---@operator`, and comparisons need none.
METAMETHODS = re.compile(r"__(\w+)\Z")
NO_OPERATOR = {"index", "newindex", "eq", "lt", "le", "tostring", "name", "gc", "mode"}

#: The globals of Lua 5.3 with bit32, and its `math`: what an editor knows already.
LUA = set(
    re.findall(
        r"\w+",
        """
    _G _VERSION assert bit32 collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile
    math next os package pairs pcall rawequal rawget rawlen rawset require select setmetatable string table
    tonumber tostring type utf8 xpcall
    """,
    )
)
MATH = set(
    re.findall(
        r"\w+",
        """
    abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min mininteger modf pi rad sin sqrt
    tan tointeger type ult
    """,
    )
)


def compare(name: str, found: dict[str, list[Any]]) -> list[str]:
    """Where the class of that name differs from a table that is one."""
    declared = STUBS.classes[name]
    wrong = []
    for key, (kind, *arguments) in found.items():
        if match := METAMETHODS.match(key):
            if name == "bint" and match[1] not in declared.operators | NO_OPERATOR:
                wrong.append(f"{name}.{key}: no @operator")
        elif kind == "function" and key not in declared.fields:
            function = declared.functions.get(key)
            if function is None:
                wrong.append(f"{name}.{key}: a function that the stub does not have")
            elif not arguments[1] and len(function.parameters) != arguments[0]:
                wrong.append(f"{function.where}: {key} has {arguments[0]} parameters")
        elif key not in declared.fields:
            wrong.append(f"{name}.{key}: a field that the stub does not have")
        elif value_type(declared.fields[key].type) not in (kind, "any"):
            wrong.append(f"{name}.{key}: is a {kind}, not a {declared.fields[key].type}")
    listed = found.keys() | UNLISTED.get(name, set())
    wrong += [f"{it.where}: there is no function {key}" for key, it in declared.functions.items() if key not in listed]
    wrong += [
        f"{it.where}: there is no field {key} in {name}"
        for key, it in declared.fields.items()
        if key not in listed and not it.optional
    ]
    return wrong


# The tests -------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_module(subject: Subject, module: str) -> None:
    """The stub of a module has its fields, their types and its functions' parameters, and no others."""
    found = look(subject, f"return require('{module}')")
    assert compare(MODULES[module], found) == []


@pytest.mark.parametrize("name", OBJECTS)
def test_object(subject: Subject, name: str) -> None:
    """The stub of a kind of table has its fields, their types and its functions' parameters, and no others."""
    if name.startswith("lsqlite3"):
        pytest.importorskip("apsw")
    assert compare(name, look(subject, OBJECTS[name])) == []


def test_message(subject: Subject) -> None:
    """What a handler finds in a message is in the stub."""
    subject.eval("Handlers.add('Look', function(msg) Looked = msg end)")
    subject.tell({"Action": "Look", "Type": "Message", "Reference": "1"})
    assert compare("ao.Message", look(subject, "return Looked")) == []


@pytest.mark.parametrize(("module", "stub"), FUNCTIONS.items())
def test_function(subject: Subject, module: str, stub: str) -> None:
    """The stub of a module that is a function has its parameters."""
    kind, count, varies = look(subject, f"return {{ it = require('{module}') }}")["it"]
    assert (kind, count, varies) == ("function", len(STUBS.others[stub].parameters), False)


@pytest.mark.parametrize(("module", "member"), MEMBERS.items())
def test_member(subject: Subject, module: str, member: tuple[str, str]) -> None:
    """A module that is another's function has the parameters that are declared there."""
    name, key = member
    kind, count, varies = look(subject, f"return {{ it = require('{module}') }}")["it"]
    assert (kind, count, varies) == ("function", len(STUBS.classes[name].functions[key].parameters), False)


def test_every_module_has_a_stub() -> None:
    """Every Lua file that a process may require is declared, but for inner parts."""
    paths = [path.relative_to(FOLDER).with_suffix("") for path in FOLDER.rglob("*.lua")]
    own = [".".join(path.parts) for path in paths if chunks.module(".".join(path.parts)) is not None]
    names = {"." + name.removesuffix(".init") for name in own}
    declared = {"." + name.removeprefix(".") for name in (*MODULES, *FUNCTIONS, *MEMBERS, "lsqlite3")}
    assert names == declared | INNER


def test_unlisted(subject: Subject) -> None:
    """Names that `pairs` does not list are there when one asks for them."""
    for name, keys in UNLISTED.items():
        found = look(subject, f"local it = (function() {OBJECTS[name]} end)() return {{ {asking(keys)} }}")
        assert found.keys() == keys


def asking(keys: set[str]) -> str:
    """Lua that asks a table for names."""
    return ", ".join(f"{key} = it.{key}" for key in sorted(keys))


def test_globals(subject: Subject) -> None:
    """The stubs declare every global that Lua 5.3 does not have, and nothing else."""
    found = look(subject, "return _G", "Looked = nil")
    found.pop("apm", None)
    assert sorted(found.keys() - LUA) == sorted(STUBS.globals.keys() - {"apm", "bit32"})
    for name, (kind, *arguments) in found.items():
        stub = STUBS.globals.get(name)
        if isinstance(stub, Function):
            assert kind == "function"
            assert arguments[1] or len(stub.parameters) == arguments[0], name
        elif isinstance(stub, Field):
            assert kind == value_type(stub.type), name


def test_old_math(subject: Subject) -> None:
    """The stubs declare the functions of `math` that Lua 5.3 does not have, and those that do otherwise here."""
    found = look(subject, "return math")
    declared = {name.removeprefix("math.") for name in STUBS.others if name.startswith("math.")}
    assert declared == found.keys() - MATH


def declared_functions() -> Iterator[tuple[str, Function]]:
    """Every function of the stubs, with its name."""
    for name, declared in STUBS.classes.items():
        for key, function in declared.functions.items():
            yield f"{name}.{key}", function
    for name, stub in STUBS.globals.items():
        if isinstance(stub, Function):
            yield name, stub
    yield from STUBS.others.items()


def test_every_class_is_looked_at() -> None:
    """Every class with functions is compared with a table of a process."""
    looked = {*MODULES.values(), *OBJECTS, "ao.Message"}
    assert {name for name, declared in STUBS.classes.items() if declared.functions} <= looked


def test_sentences() -> None:
    """Every function, field and class has a sentence of documentation, and every parameter its line, in order."""
    wrong = []
    for name, function in declared_functions():
        parameters = [it for it in function.parameters if it != "self"]
        if not function.sentence.endswith((".", ".)")):
            wrong.append(f"{function.where}: {name} has no sentence")
        if function.described != parameters:
            wrong.append(f"{function.where}: {name} describes {function.described}")
        wrong += [
            f"{function.where}: {line}"
            for line in function.doc
            if line.startswith(("---@param", "---@return")) and not line.endswith(".")
        ]
    for name, declared in STUBS.classes.items():
        if not any(not line.startswith("---@") for line in declared.doc):
            wrong.append(f"{declared.where}: {name} has no sentence")
        wrong += [f"{it.where}: {name}.{key}" for key, it in declared.fields.items() if not it.sentence.endswith(".")]
    for name, stub in STUBS.globals.items():
        if isinstance(stub, Field) and not stub.sentence.endswith("."):
            wrong.append(f"{stub.where}: {name} has no sentence")
    assert wrong == []


def test_names_of_types() -> None:
    """Every type that an annotation names is declared in the stubs."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    known = {*STUBS.classes, *re.findall(r"---@alias ([\w.]+)", text)}
    used = set()
    for line in re.findall(r"---@(?:param|return|field|type|overload|operator|alias) .*", text):
        used |= set(re.findall(r"(?<![\w.])[A-Za-z]\w*\.[A-Z]\w*(?:\.\w+)*", re.sub(r"`[^`]*`", "", line)))
    assert used - known == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file(subject: Subject, path: Path) -> None:
    """A stub file says that it is one, and is Lua."""
    text = path.read_text(encoding="utf-8")
    # The server leaves a file with the name `_` out of `require`, and finds one with another name by that only.
    is_module = path.name not in ("globals.lua", "math.lua", "bit32.lua")
    assert text.startswith("---@meta\n" if is_module else "---@meta _\n")
    assert subject.eval(f"return load([==[{text}]==], 'stub', 't') ~= nil") == "true"


def test_a_module_is_found_by_its_name() -> None:
    """A stub file is called as the module is, and returns its class: so editors find it for `require`."""
    first = {module.removeprefix("."): name for module, name in MODULES.items() if module.count(".") <= 1}
    expected = first | {module.removeprefix("."): name for module, name in FUNCTIONS.items()}
    assert {name: STUBS.returned.get(name) for name in expected} == expected


def test_the_server_finds_what_is_required() -> None:
    """By lua-language-server's rules: the name's dots are `/`, and a plain meta file whose path ends so is meant."""
    names = [name for name in (*MODULES, *FUNCTIONS) if name.count(".") <= 1]
    assert len(names) > 10
    for name in names:
        end = "/" + name.replace(".", "/").lstrip("/") + ".lua"
        found = [path for path in FILES if path.as_posix().endswith(end)]
        assert [path.name for path in found] == [f"{name.lstrip('.')}.lua"]
        assert found[0].read_text(encoding="utf-8").splitlines()[0] == "---@meta"


def test_stubs_are_no_modules(subject: Subject) -> None:
    """A process cannot require a stub."""
    assert subject.eval("return tostring((pcall(require, '.meta.json')))") == "false"
