"""docs/sdk.md: its table names what there is, and its commands print what it says."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
from importlib import import_module

import pytest

from ao_runtime.client import Sdk
from ao_runtime.units.sdk.unit import ENDPOINTS
from tests.cli.running import ROOT
from tests.units.serving import Served

from . import test_endpoints

PAGE = (ROOT / "docs/sdk.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(GET|POST|DELETE) (\S+)` \|(.*)\|(.*)\| `(\w+)\.(\w+)` \| `(\w+)` \|$", re.MULTILINE)
#: The seed's list: fifteen.
LISTED = 15


def test_the_table_is_whole() -> None:
    """Every endpoint of the list is in it, with a function and a test that there are."""
    rows = ROW.findall(PAGE)
    assert len(rows) == LISTED
    served = {(one.method, one.path): one for one in ENDPOINTS if one.path != "/info"}
    found = set()
    for method, path, _, _, file, function, test in rows:
        # The scheduler's two readings are one path, told apart by the query.
        known = path.partition("?")[0]
        known = "/scheduler/{id}" if known.startswith("/scheduler/") else known
        endpoint = served[method, known]
        found.add((method, known))
        assert endpoint.handler is getattr(import_module(f"ao_runtime.units.sdk.{file}"), function)
        assert callable(getattr(test_endpoints, test))
    assert found == set(served)


def test_the_table_names_what_each_takes() -> None:
    """Every key of a body and every parameter stands in the row of its endpoint."""
    takes = {(method, path.partition("?")[0]): text for method, path, text, *_ in ROW.findall(PAGE)}
    for one in ENDPOINTS:
        path = one.path.replace("{id}", "{process_id}")
        fields = [
            field.alias or name
            for model in (one.body, one.query)
            if model is not None
            for name, field in model.model_fields.items()
            if (name, one.group) != ("process_id", "scheduler") or one.method == "POST"
        ]
        assert [name for name in fields if f"`{name}`" not in takes.get((one.method, path), "")] == [], one.path


def test_the_page_names_every_call_and_code() -> None:
    """All calls of `Sdk`, and all statuses that `/openapi.json` has."""
    calls = [name for name, found in inspect.getmembers(Sdk, inspect.isfunction) if not name.startswith("_")]
    assert [name for name in calls if name != "close" and f"`{name}`" not in PAGE] == []
    statuses = {status for one in ENDPOINTS for status in one.errors}
    assert [status for status in statuses if not re.search(rf"\| [0-9, ]*{status}[0-9, ]* \|", PAGE)] == []


def test_the_commands(server: Served) -> None:
    """They print what the page says, but for the port."""
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("there is no curl here")
    [code] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    code = code.replace("http://localhost:4000", server.urls["gateway"])
    # `--json` is newer than some systems' curl.
    code = code.replace("--json", "-H Content-Type:application/json -d")
    done = subprocess.run(["bash", "-euc", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "processed\nPong\n"), done.stderr
