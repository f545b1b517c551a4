"""`ao-run publish`: to a network that `ao-run serve` serves, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ao_runtime import connect
from ao_runtime.items import Wallet
from ao_runtime.projects import new_project
from tests.cli.running import Ran, ao_run
from tests.units.serving import Served


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A network."""
    served = Served("--workers", "1")
    yield served
    served.close()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Served) -> Path:
    """A token with a wallet, which is the working directory; its network is that of the tests."""
    new_project(tmp_path / "points", "token")
    monkeypatch.chdir(tmp_path / "points")
    monkeypatch.setenv("AO_RUN_URL", server.urls["gateway"])
    assert ao_run("wallet", "new", "wallet.json", "--kind", "ed25519").code == 0
    return tmp_path / "points"


def publish(*args: str) -> Ran:
    """What the command says."""
    return ao_run("publish", *args)


def test_it_says_what_it_would_do(project: Path, server: Served) -> None:
    """Without --yes nothing is sent and nothing written, and all that would be is said."""
    wallet = Wallet.load(project / "wallet.json")
    ran = publish()
    told = json.loads(publish("--json").out)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"network    local ({server.urls['gateway']})\n"
        f"bundle     {told['size']} bytes, 1 module, sha256 {told['sha256'][:12]}…\n"
        "action     spawn a process\n"
        f"signed by  {wallet.ao_address}\n"
        "tag        Name = points\n"
        "nothing is done: --yes does it\n"
    )
    assert (told["done"], told["process"], told["message"], told["owner"]) == (False, None, None, wallet.ao_address)
    assert not (project / "ao-published.json").exists()
    assert not (project / "build").exists()


def test_there_and_back(project: Path, server: Served) -> None:
    """A process is spawned, answers as the project does, is kept in the project, and takes the next bundle."""
    told = json.loads(publish("--yes", "--json").out)
    known = json.loads((project / "ao-published.json").read_text())
    process = told["process"]
    assert known == {"local": {"process": process, "message": process, "sha256": told["sha256"]}}
    wallet = Wallet.load(project / "wallet.json")
    with connect(server.urls["gateway"], wallet=wallet) as client:
        info = client.result(process, client.message(process, Action="Info")).messages[0]
        assert (info.tags["Name"], info.tags["Supply"]) == ("points", "1000000")
        mine = json.loads(ao_run("run", "--json", "--from", "alice", "Action=Info").out)["Messages"][0]["Tags"]
        named = {tag["name"]: tag["value"] for tag in mine}
        assert {name: info.tags[name] for name in ("Ticker", "Denomination", "Supply")}.items() <= named.items()

        assert publish("--yes").out.endswith("the same is there already (--force evaluates it once more)\n")
        ledger = project / "src/ledger.lua"
        ledger.write_text(ledger.read_text().replace("return tostring(sum)", 'return tostring(sum) .. " in all"'))
        client.message(process, Action="Transfer", Recipient="bob", Quantity="5")
        ran = publish("--yes")
        assert (ran.code, ran.err, ran.out.splitlines()[-1]) == (0, "", "done")
        assert publish("--yes", "--force").code == 0
        assert f"evaluate it in {process}" in ran.out
        info = client.result(process, client.message(process, Action="Info", Again="1")).messages[0]
        assert info.tags["Supply"] == "1000000 in all"
        balance = client.dryrun(process, Action="Balance", Recipient="bob").messages[0]
        assert balance.tags["Balance"] == "5"
    after = json.loads((project / "ao-published.json").read_text())["local"]
    assert (after["process"], after["message"] != process) == (process, True)
    again = json.loads(publish("--new", "--yes", "--json").out)
    assert again["process"] not in (process, None)


def test_an_error_there_names_the_file_here(project: Path) -> None:
    """What fails on the network is said with the file and line that were written, and is not kept as published."""
    ledger = project / "src/ledger.lua"
    text = ledger.read_text()
    assert publish("--yes").code == 0
    before = (project / "ao-published.json").read_text()
    ledger.write_text(text.replace("local ledger = {}", "local ledger = {}\nlocal nothing = nil + 1"))
    ran = publish("--yes")
    assert ran.code == 1
    assert ran.err == (
        "error: attempt to perform arithmetic on a nil value\n"
        "  src/ledger.lua:5\n\n    4 | local ledger = {}\n  > 5 | local nothing = nil + 1\n    6 |\n"
    )
    assert (project / "ao-published.json").read_text() == before


def test_somebody_else_s_process(project: Path) -> None:
    """A process that another wallet owns is not sent anything: it would be a mere message to it."""
    assert publish("--yes").code == 0
    assert ao_run("wallet", "new", "other.json", "--kind", "ed25519").code == 0
    ran = publish("--yes", "--force", "--wallet", "other.json")
    assert (ran.code, "it does not evaluate what that wallet sends" in ran.err) == (2, True)


def test_what_cannot_be(project: Path) -> None:
    """Without a wallet, for ids that are none, on networks that nobody knows: said before anything is sent."""
    assert publish("--network", "nowhere").err == (
        "error: network: there is no network 'nowhere' (there are legacynet, local)\n"
    )
    assert publish("--process", "x").err == "error: process: 'x' is no id (43 letters)\n"
    assert publish("--process", "x" * 43, "--new").code == 2
    (project / "ao-published.json").write_text('{"local": {"process": "../x", "message": "y"}}')
    assert publish().err == f"error: {project}/ao-published.json: is not what ao-run publish has written\n"
    for text in ("[" * 100_000, "x", "[]", "\x00"):
        (project / "ao-published.json").write_text(text)
        assert publish().code == 2
    (project / "ao-published.json").unlink()
    (project / "wallet.json").unlink()
    assert publish().code == 2
    settings = project / "ao-run.toml"
    settings.write_text(settings.read_text().replace('wallet = "wallet.json"', ""))
    assert publish().err == "error: wallet: nobody signs (--wallet FILE, or wallet = FILE in the network's table)\n"
    assert ao_run("wallet", "new", "w.json").code == 0
    ran = publish("--url", "http://localhost:1", "--wallet", "w.json", "--yes")
    assert (ran.code, "cannot be reached" in ran.err) == (6, True)
    assert not (project / "ao-published.json").exists()


def test_before_boot(project: Path) -> None:
    """Where the generation evaluates no Data at its start, the process is spawned, and an Eval brings the bundle."""
    settings = project / "ao-run.toml"
    module = "ghSkge2sIUD_F00ym5sEimC63BDBuBrq4b5OcwxOjiw"
    settings.write_text(
        settings.read_text()
        .replace("[tags]", 'dialect = "0.2.0"\n\n[tags]')
        .replace("[networks.local]", f'[networks.local]\nmodule = "{module}"')
    )
    (project / "src/process.lua").write_text(
        "Handlers.add('x', Handlers.utils.hasMatchingTag('Action', 'X'), function() print('y') end)"
    )
    ran = publish("--yes", "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert (told["done"], told["process"] == told["message"]) == (True, False)
