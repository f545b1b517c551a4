"""A process that several threads use gives each message its own result; a thread without the stack for it is refused."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ao_runtime import Process
from ao_runtime.process.replaying import replay

CODE = """
N = 0
Handlers.add('inc', 'Inc', function(m) N = N + 1 for i = 1, 2000 do end m.reply({Data = m.Number}) end)
Handlers.add('fail', 'Fail', function(m) N = N + 1 error(m.Number) end)
"""


@pytest.mark.parametrize("kept", [False, True])
def test_each_has_its_own_result(kept: bool, tmp_path: Path) -> None:
    """Three threads, messages that fail among theirs: no result is another's, and the journal is what they got."""
    path = tmp_path / "a.ao" if kept else None
    process = Process.spawn(code=CODE, state=path)
    wrong: list[object] = []

    def work(name: int) -> None:
        for number in range(60):
            text = f"{name}-{number}"
            result = process.handle(Action="Fail" if number % 5 == 4 else "Inc", Number=text)
            if text not in (result.error or result.messages[0].data):
                wrong.append((text, result))
            if number % 20 == 0:
                assert process.get("N") is not None
                assert process.fork().get("N") is not None

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (process.get("N"), process.count) == (144, 181)
    process.close()
    if path is not None:
        assert all(one.same for one in replay(path))


_SMALL = """
import sys, threading
from ao_runtime import Process
from ao_runtime.errors import InputError
ready = Process.spawn(code="X = 1")
DEEP = "local function f() return (string.gsub('a', 'a', f)) end return tostring(pcall(f))"
def work():
    for call in (lambda: Process.spawn(code="X = 1").eval(DEEP), lambda: ready.eval(DEEP), lambda: ready.get("X")):
        try:
            print(getattr(call(), "text", "1"))
        except InputError as error:
            print(error.field)
threading.stack_size(int(sys.argv[1]) << 10)
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(ready.eval("return 2").text)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a thread's stack")
@pytest.mark.parametrize(("kilobytes", "expected"), [(256, "thread"), (1024, "thread"), (3072, None), (8192, None)])
def test_stack(kilobytes: int, expected: str | None) -> None:
    """A thread with a small stack gets an error, and not the end of the program; with a larger one all is as ever."""
    done = subprocess.run([sys.executable, "-c", _SMALL, str(kilobytes)], capture_output=True, text=True)
    lines = [expected] * 3 if expected else ["false", "false", "1"]
    assert (done.stdout.split("\n"), done.returncode) == ([*lines, "2", ""], 0), done.stderr
