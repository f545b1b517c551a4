"""`ao-run test`: which tests there are, in which order they run, and what is said of them."""

from __future__ import annotations

import json
import re
import select
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .running import COMMAND, Ran, ao_run

PROCESS = """\
Count = Count or 0
Handlers.add("add", "Add", function(msg)
  Count = Count + assert(tonumber(msg.Quantity), "no quantity")
  msg.reply({ Action = "Added" })
end)
"""
TESTS = """\
describe("adding", function()
  it("adds", function()
    assert.equal("Added", send({ From = "bob", Action = "Add", Quantity = 2 }).messages[1].Action)
    assert.equal(2, Count)
  end)
  it("needs a quantity", function()
    print("now")
    local result = send({ From = "bob", Action = "Add", Quantity = "x" })
    assert.is_nil(result.error)
  end)
  pending("subtracts")
end)
"""
FAILURE = """\
✗ count_test.lua: adding > needs a quantity  T ms
  expected nil, found "no quantity"
  count_test.lua:9

     8 |     local result = send({ From = "bob", Action = "Add", Quantity = "x" })
  >  9 |     assert.is_nil(result.error)
    10 |   end)

  printed:
    now

  [I] count.Add(From=bob, Quantity=x) ✗
    error: no quantity (count.lua:3)
    3 | Count = Count + assert(tonumber(msg.Quantity), "no quantity")

"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a process and its tests."""
    (tmp_path / "count.lua").write_text(PROCESS)
    (tmp_path / "count_test.lua").write_text(TESTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Ran:
    """The command; times and instructions are letters."""
    ran = ao_run("test", *args)
    out = re.sub(r"\b\d+\.\d+ (ms|s)\b", r"T \1", ran.out)
    return ran._replace(out=re.sub(r"\[\d+\] (count|\w+)\.", r"[I] \1.", out))


def test_failure() -> None:
    """What failed is shown once: the place, the line, what was printed, and the tree of what was sent."""
    ran = run("--seed", "1")
    assert (ran.code, ran.out, ran.err) == (1, FAILURE + "1 passed, 1 failed, 1 pending in T s (order 1)\n", "")


def test_all_well() -> None:
    """A line, and 0."""
    ran = run("--match", "adds", "--seed", "7", "count_test.lua")
    assert (ran.code, ran.out) == (0, "1 passed in T s (order 7)\n")


def test_ladder() -> None:
    """-v tells of every test; the handlers that ran stand under their message."""
    ran = run("-v", "--match", "adds|subtracts", "--seed", "1")
    assert (ran.code, sorted(ran.out.splitlines())) == (
        0,
        sorted(
            [
                "… count_test.lua: adding > subtracts",
                "✓ count_test.lua: adding > adds  T ms",
                "",
                "  [I] count.Add(From=bob, Quantity=2) → 1 message",
                "    ✓ add [" + ran.out.split("add [")[1].split("]")[0] + "]",
                "      ✉ message Added to bob()",
                "1 passed, 1 pending in T s (order 1)",
            ]
        ),
    )


def test_list() -> None:
    """Names, in the order of the file; nothing is run."""
    names = ["adding > adds", "adding > needs a quantity", "adding > subtracts"]
    assert run("--list") == Ran(0, "".join(f"count_test.lua: {name}\n" for name in names), "")
    assert run("--list", "--json").results == [{"tests": [{"file": "count_test.lua", "name": name} for name in names]}]


def test_json() -> None:
    """One object, with everything."""
    (found,) = ao_run("test", "--json", "--seed", "3", "--match", "needs").results
    (test,) = found.pop("tests")
    assert (found.pop("seconds") > 0, test.pop("seconds") > 0) == (True, True)
    assert found == {"passed": 0, "failed": 1, "pending": 0, "seed": 3, "unloadable": []}
    assert test.pop("tree").endswith('3 | Count = Count + assert(tonumber(msg.Quantity), "no quantity")')
    assert test == {
        "file": "count_test.lua",
        "name": "adding > needs a quantity",
        "status": "failed",
        "printed": "now\n",
        "problem": {
            "message": 'expected nil, found "no quantity"',
            "file": "count_test.lua",
            "line": 9,
            "source": "    assert.is_nil(result.error)",
            "callers": [],
        },
    }


def test_junit(folder: Path) -> None:
    """JUnit's XML has a suite for each file and says of each test what came of it."""
    (folder / "bad_test.lua").write_text("x = = 1")
    (folder / "bad.lua").write_text("")
    assert run("--junit", "out.xml").code == 3
    root = ElementTree.parse("out.xml").getroot()
    assert root is not None
    assert [
        (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped"))
        for suite in root
    ] == [("count_test.lua", "3", "1", "0", "1"), ("bad_test.lua", "1", "0", "1", "0")]
    cases = {str(case.get("name")): [inner.tag for inner in case] for case in root.iter("testcase")}
    assert cases == {
        "adding > adds": [],
        "adding > needs a quantity": ["failure", "system-out"],
        "adding > subtracts": ["skipped"],
        "bad_test.lua": ["error"],
    }
    failure = next(root.iter("failure"))
    assert failure.get("message") == 'expected nil, found "no quantity"'
    assert "count_test.lua:9" in str(failure.text)


def test_rerun(folder: Path) -> None:
    """Those that failed the last time; what has no place in a repository says so itself."""
    run()
    assert (folder / ".ao-run" / ".gitignore").read_text() == "*\n"
    assert run("--rerun", "--seed", "1").out == FAILURE + "1 failed in T s (order 1)\n"
    assert run("--match", "adds", "--seed", "1").code == 0
    assert run("--rerun", "--seed", "1").out.endswith("\n1 failed in T s (order 1)\n")
    (folder / "count_test.lua").write_text(TESTS.replace("is_nil(result", "is_string(result"))
    assert run("--rerun", "--seed", "1").out == "1 passed in T s (order 1)\n"
    assert run("--rerun", "--seed", "1").out == "2 passed, 1 pending in T s (order 1)\n"


@pytest.mark.parametrize("content", ["[", "{}", "5", '[["a"]]', "null", "[" * 100_000])
def test_rerun_of_nonsense(folder: Path, content: str) -> None:
    """What was noted may be anything: it is as if nothing was."""
    (folder / ".ao-run").mkdir()
    (folder / ".ao-run" / "failed.json").write_text(content)
    assert run("--rerun", "--seed", "1").out.endswith("1 passed, 1 failed, 1 pending in T s (order 1)\n")


def test_fail_fast(folder: Path) -> None:
    """Nothing is run after the first that fails."""
    (folder / "count_test.lua").write_text("for n = 1, 9 do it('n' .. n, function() error('oh') end) end")
    assert run("--fail-fast", "--seed", "1").out.endswith("\n1 failed in T s (order 1)\n")


def test_order(folder: Path) -> None:
    """The same seed is the same order, another one another, and in several programs too; all tests are run in each."""
    (folder / "count_test.lua").write_text("for n = 1, 9 do it('n' .. n, function() end) end")

    def order(*args: str) -> list[str]:
        return [test["name"] for test in ao_run("test", "--json", *args).results[0]["tests"]]

    assert order("--seed", "1") == order("--seed", "1") == order("--seed", "1", "-j", "2") != order("--seed", "2")
    assert sorted(order("--seed", "2")) == [f"n{n}" for n in range(1, 10)]
    assert ao_run("test", "--json").results[0]["seed"] != ao_run("test", "--json").results[0]["seed"]


def test_which_process(folder: Path) -> None:
    """-p, else the line at the head, else the file beside it, else the project's."""
    other = folder / "other"
    other.mkdir()
    (folder / "named.lua").write_text("Count = 'named'")
    (other / "head_test.lua").write_text(
        "\n-- ao-run: process=../named.lua owner=bob tag.Name='A name'\n"
        "it('x', function() assert.same({ 'named', 'A name', wallet('bob') }, { Count, Name, Owner }) end)"
    )
    (other / "free_test.lua").write_text("it('x', function() assert.same('project', Count) end)")
    (folder / "project.lua").write_text("Count = 'project'")
    (folder / "ao-run.toml").write_text('process = "project.lua"\n[tests]\npaths = ["other"]\n')
    assert run("--seed", "1").out == "2 passed in T s (order 1)\n"
    assert run("--seed", "1", "--match", "adds", "count_test.lua").out == "1 passed in T s (order 1)\n"
    ran = run("--seed", "1", "-p", "named.lua", "--owner", "carol", "other")
    assert "1 passed" not in ran.out  # the process is another one, and so is its owner
    assert 'expected "project", found "named"' in ran.out


@pytest.mark.parametrize(
    ("files", "args", "code", "words"),
    [
        ({}, ["nowhere"], 2, "nowhere: there is no such file or folder\n"),
        ({}, ["count.lua"], 2, "count.lua: is no file of Lua tests (they end in _test.lua or _spec.lua)\n"),
        ({"a/b.lua": ""}, ["a"], 2, "a: there are no tests (files *_test.lua, *_spec.lua)\n"),
        ({}, ["--match", "zzz"], 2, "no test has that in its name\n"),
        ({}, ["--match", "("], 2, "--match: is no regular expression: missing ), unterminated subpattern\n"),
        ({}, ["--jobs", "0"], 2, None),
    ],
)
def test_usage(folder: Path, files: dict[str, str], args: list[str], code: int, words: str | None) -> None:
    """What makes no sense is said, with exit code 2."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    ran = run(*args)
    assert ran.code == code
    if words is not None:
        assert ran.err == f"error: {words}"


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (
            {"a_test.lua": "it('x' function() end)", "a.lua": ""},
            "✗ a_test.lua cannot be loaded\n  ')' expected near 'function'\n  a_test.lua:1\n\n"
            "  > 1 | it('x' function() end)\n\n",
        ),
        (
            {"a_test.lua": "", "a.lua": "\nx = nil + 1"},
            "✗ a_test.lua cannot be loaded\n  the process cannot be loaded: attempt to perform arithmetic on a nil value\n"
            "  a.lua:2\n\n    1 |\n  > 2 | x = nil + 1\n\n",
        ),
        (
            {"a_test.lua": ""},
            "✗ a_test.lua cannot be loaded\n  process: nobody says which process is tested "
            '(@pytest.mark.ao(process="token.lua"), or process = "token.lua" in ao-run.toml)\n\n',
        ),
        (
            {"a_test.lua": "-- ao-run: process=../../../etc/passwd"},
            "✗ a_test.lua cannot be loaded\n  a_test.lua, '../../../etc/passwd': lies outside of the project\n\n",
        ),
        (
            {"a_test.lua": "-- ao-run: proces=x"},
            "✗ a_test.lua cannot be loaded\n  a_test.lua:1: 'proces=x' is not known "
            "(process=FILE.lua, owner=NAME, name=NAME and tag.NAME=VALUE)\n\n",
        ),
    ],
)
def test_unloadable(folder: Path, files: dict[str, str], shown: str) -> None:
    """What cannot be loaded is said with its place; other files are run; the exit code is 3."""
    for name, text in files.items():
        (folder / name).write_text(text)
    ran = run("--match", "adds", "--seed", "1")
    assert (ran.code, ran.out) == (3, shown + "1 passed, 1 file cannot be loaded in T s (order 1)\n")


def test_interrupted(folder: Path) -> None:
    """Ctrl-C ends it, with 130."""
    (folder / "count_test.lua").write_text("it('x', function() while true do send({ Action = 'Hi' }) end end)")
    with subprocess.Popen([*COMMAND, "test"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        time.sleep(3)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err.strip()) == (130, b"", b"interrupted")


def test_watch(folder: Path) -> None:
    """Tests are run again when a file changes, until Ctrl-C."""
    command = [*COMMAND, "test", "--watch", "--match", "adds", "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline().startswith("1 passed")
        assert child.stderr.readline() == "waiting for a change …\n"
        lines = []
        for _ in range(50):  # It may not be listening yet.
            (folder / "count.lua").write_text(PROCESS.replace("Count or 0", "Count or 1"))
            time.sleep(0.2)
            if select.select([child.stdout], [], [], 0.4)[0]:
                lines += [child.stdout.readline(), child.stdout.readline()]
                break
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
    assert child.returncode == 130
    assert lines[1:] == ["  expected 2, found 3\n"]


def test_help_says_what_json_has() -> None:
    """The keys in the help are those of the object."""
    text = " ".join(ao_run("test", "--help").out.split())
    found = json.loads(ao_run("test", "--json").out)
    assert "{" + ", ".join(f'"{key}"' for key in found) + "}" in text
