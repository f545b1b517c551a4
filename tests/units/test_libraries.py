"""What server and client need is imported when it is used, and asked for in words where it is not there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ao_runtime import InputError, connect
from tests.cli.running import ao_run


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("starlette", "starlette"),
        ("uvicorn", "uvicorn"),
        ("httptools", "httptools"),
        ("graphql", "graphql-core"),
        ("jinja2", "jinja2"),
    ],
)
def test_a_server_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch, name: str, package: str) -> None:
    """Before anything is listened on."""
    monkeypatch.setitem(sys.modules, name, None)
    ran = ao_run("serve", "--port", "0")
    advice = "pip install starlette uvicorn httptools graphql-core jinja2 cryptography coincurve"
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: a server needs {package}, which is not installed ({advice})\n"


def test_a_client_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first call."""
    ao = connect("http://localhost:1")
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(InputError, match="a client needs httpx, which is not installed"):
        ao.result("A" * 43, "A" * 43)


def test_nothing_is_imported_before_it_is_used() -> None:
    """Neither by the package, nor by the folders, nor by the command's help."""
    code = """
import sys
import ao_runtime, ao_runtime.units, ao_runtime.client
ao_runtime.connect("http://localhost:1")
from ao_runtime.cli.main import cli
from ao_runtime.cli.serve import serve
print([name for name in ("starlette", "uvicorn", "graphql", "httpx", "cryptography") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
