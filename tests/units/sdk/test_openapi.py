"""Requests that a generator makes of `/openapi.json`: no answer is another one than the document says, none a 5xx."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime.network import AOS
from tests.cli.running import ROOT
from tests.units.serving import Served

from .api import CODE

#: Ids have to be there, and items to be signed: most of what the document allows is refused nevertheless.
LEFT_OUT = "positive_data_acceptance"


def check(server: Served, folder: Path, *options: str, known: bool) -> None:
    """Run the generator; with known ids or such as it makes itself."""
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    process = server.spawn(CODE, **{"Cron-Interval": "1-hour", "Cron-Tag-Action": "Cron"})
    sent = server.message(process, "Ping", "x")
    ids = {"process": process, "message": sent, "module": AOS} if known else {}
    lines = [f'process_id = "{process}"', f'message_id = "{sent}"', f'"path.id" = "{process}"']
    (folder / "schemathesis.toml").write_text("[parameters]\n" + "\n".join(lines) + "\n" if known else "")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    command += [server.urls["gateway"] + "/openapi.json", "--checks", "all", "--exclude-checks", LEFT_OUT]
    # One thread: with two, Python 3.11 may fail in the generator's own parser.
    command += [
        "--workers",
        "1",
        "--seed",
        "1",
        "--continue-on-failure",
        "--warnings",
        "off",
        "--generation-database",
        "none",
        *options,
    ]
    known_ids = ",".join(f"{kind}={id}" for kind, id in ids.items())
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=1700,
        env={
            **os.environ,
            "NO_COLOR": "1",
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.units.sdk.known_ids",
            "AO_RUNTIME_KNOWN_IDS": known_ids,
        },
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "15 selected / 15 total" in done.stdout
    assert server.get("gateway", "/healthcheck").text == "OK"
    again = server.message(process, "Ping", "last")
    assert server.result(process, again)["Messages"][0]["Data"] == "last"
    assert "Traceback" not in server.log


def test_requests_of_a_generator(server: Served, tmp_path: Path) -> None:
    """A few hundred, right and wrong ones, to a process that there is."""
    check(server, tmp_path, "--phases", "fuzzing", "--max-examples", "12", known=True)


@pytest.mark.long
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_many_requests_of_a_generator(server: Served, tmp_path: Path, known: bool) -> None:
    """Some thousands, in all the ways that the generator has."""
    check(server, tmp_path, "--max-examples", "60", known=known)
