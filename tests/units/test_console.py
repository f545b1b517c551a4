"""What the aos command line asks of a network (spec: units, the aos command line): a process starts, and evaluates a line."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from typing import Any

from ao_runtime import Wallet
from ao_runtime.items import DataItem

from .serving import Served, eventually

#: legacynet's messenger, which the command line writes into every process; and its scheduler.
AUTHORITY = "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"
SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
BY_NAME = """query ($owners: [String!]!, $names: [String!]!) {
  transactions(
    first: 10,
    owners: $owners,
    tags: [
      { name: "Data-Protocol", values: ["ao"] },
      { name: "Type", values: ["Process"] },
      { name: "Name", values: $names }
    ]
  ) { edges { node { id } } }
}"""
WALLET = Wallet.from_ed25519(b"console".ljust(32, b"."))


def spawn(server: Served, name: str, *more: tuple[str, str]) -> str:
    """A process as the command line spawns it; its id."""
    tags = [("App-Name", "aos"), ("Name", name), ("Authority", AUTHORITY), *more, ("aos-Version", "2.0.16")]
    tags += [("SDK", "aoconnect"), ("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Process")]
    tags += [("Module", MODULE), ("Scheduler", SCHEDULER), ("Timestamp", str(time.time_ns() // 10**6))]
    item = DataItem.create("1984", tags=tags, wallet=WALLET)
    assert server.send(item).status_code == 202
    return item.id


def evaluate(server: Served, process: str, line: str) -> dict[str, Any]:
    """The result of an Eval, as the command line sends it."""
    tags = {"Action": "Eval", "SDK": "aoconnect", "Data-Protocol": "ao", "Variant": "ao.TN.1", "Type": "Message"}
    item = DataItem.create(line, target=process, tags=tags, wallet=WALLET)
    assert server.send(item).status_code == 202
    return server.result(process, item.id)


def named(server: Served, name: str) -> list[str]:
    """The ids of the wallet's processes of that name."""
    told = server.graphql(BY_NAME, owners=[WALLET.address, ""], names=[name]).json()
    return [edge["node"]["id"] for edge in told["data"]["transactions"]["edges"]]


def test_a_process_starts_and_is_found_by_its_name(server: Served) -> None:
    """Before, nobody has the name; the prompt comes with the first Eval; a line has its value in the output."""
    assert named(server, "first") == []
    process = spawn(server, "first")
    assert named(server, "first") == [process]
    version = evaluate(server, process, "require('.process')._version")
    assert "first" in version["Output"]["prompt"] or "first" in version["Output"]["data"]["prompt"]
    assert evaluate(server, process, "return 1 + 1")["Output"]["data"] == "2"
    assert "boom" in evaluate(server, process, "error('boom')")["Error"]


def test_what_others_send_is_printed(server: Served) -> None:
    """It looks every two seconds: the last five, then what came after the cursor; cursors are JSON with an ordinate.

    The messenger shows itself under the address that the command line has written: so what is pushed is trusted.
    """
    one, other = spawn(server, "one"), spawn(server, "other")
    last = server.get("cu", f"/results/{one}", sort="DESC", limit=5).json()["edges"]
    cursor = last[0]["cursor"]
    evaluate(server, other, f"Send({{ Target = '{one}', Action = 'Hello', Data = 'from the other one' }})")
    found: list[dict[str, Any]] = []

    def looked() -> bool:
        page = server.get("cu", f"/results/{one}", **{"from": cursor, "sort": "ASC", "limit": 1000}).json()
        found[:] = [edge for edge in page["edges"] if edge["node"]["Output"].get("print")]
        return bool(found)

    eventually(looked)
    assert "New Message From" in found[0]["node"]["Output"]["data"]
    assert "Hello" in found[0]["node"]["Output"]["data"]
    assert int(json.loads(b64decode(found[0]["cursor"]))["ordinate"]) == 1


def test_a_dry_run_as_the_owner(server: Served) -> None:
    """`.dryrun` evaluates a line, and it leaves nothing."""
    process = spawn(server, "dry")
    body = {
        "Id": "1234",
        "Owner": WALLET.address,
        "Target": process,
        "Data": "X = 5 return X",
        "Tags": [{"name": "Action", "value": "Eval"}],
        "Anchor": "0",
    }
    url = f"{server.urls['cu']}/dry-run"
    told = server.http.post(url, params={"process-id": process}, json=body).json()
    assert told["Output"]["data"] == "5"
    assert evaluate(server, process, "return X")["Output"]["data"] == ""
