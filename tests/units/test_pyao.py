"""`pyao-sdk`, as it is on PyPI: what of it works with any network of ao works with ours."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Wallet
from tests.differential.fetch import OracleMissingError, kept

from .serving import Served

PACKAGE = "pyao-sdk==0.1.0"
SECONDS = 300
SCRIPT = """
import json, sys, pyao
wallet, mu, cu, process, message = sys.argv[1:]
client = pyao.Client(pyao.ARSigner(wallet), mu=mu, cu=cu, su=mu, compute_gateway=cu)
told = {"address": client.signer.address()}
dry = client.dry_run(process, b"x", [pyao.Tag("Action", "Ping")])
told["dry"] = [dry.messages[0]["Target"], dry.messages[0]["Data"], dry.error, dry.gas_used > 0]
result = client.wait_for_result(message, process)
told["result"] = [result.messages[0]["Data"], result.error]
try:
    client.send_message(process, b"x", [pyao.Tag("Action", "Ping")])
except pyao.Error as error:
    told["sent"] = str(error)
print(json.dumps(told))
"""


def python() -> Path:
    """A Python that has it; fetched once."""

    def fetch(to: Path) -> None:
        venv.create(to, with_pip=True)
        command = [str(to / "bin" / "python"), "-m", "pip", "install", "-q", PACKAGE]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise OracleMissingError(f"{PACKAGE} cannot be installed: {error}") from None

    return kept("pyao-0.1.0", fetch) / "bin" / "python"


def told(server: Served, wallet: Path, process: str, message: str) -> dict[str, Any]:
    """What the package makes of our answers."""
    command = [str(python()), "-c", SCRIPT, str(wallet), server.urls["mu"], server.urls["cu"], process, message]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="an environment has other folders there")
def test_what_works(server: Served, ping: str, tmp_path: Path) -> None:
    """Dry runs and results.

    It sends its items to a path that no messenger has, in a form of its own that is no data item, without a signature
    over what is signed (ANS-104): they are refused everywhere, in words here, and leave nothing.
    """
    try:
        python()
    except OracleMissingError as missing:
        pytest.skip(str(missing))
    wallet = Wallet.generate("rsa")
    file = tmp_path / "wallet.json"
    file.write_text(json.dumps(wallet.to_jwk()))
    before = server.get("su", f"/{ping}/latest").json()
    message = server.message(ping, "Ping", "hello")
    found = told(server, file, ping, message)
    refused = found.pop("sent")
    assert found == {
        "address": wallet.address,
        "dry": [wallet.address, "eA", None, True],
        "result": ["hello", None],
    }
    assert "404 Client Error" in refused
    after = server.get("su", f"/{ping}/latest").json()
    assert int(after["assignment"]["tags"][2]["value"]) == int(before["assignment"]["tags"][2]["value"]) + 1
