"""What was seen of the real units while they were recorded, where it is about HTTP (spec: units, corrections).

The others are in `tests/network/test_corrections.py`, by their numbers.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from ao_runtime.items import DataItem
from ao_runtime.network import KNOWN_MESSENGERS

from .serving import ALICE, BOB, Served, eventually, message

NOBODY = "n" * 42 + "A"
SKIPPED = '{"Messages":[],"Assignments":[],"Spawns":[],"Output":""}'
#: Prints the fields of a message by their names, in order.
FIELDS = """
Handlers.prepend("fields", "Fields", function(msg)
  local told = {}
  for name, value in pairs(msg) do
    if type(value) ~= "function" and type(value) ~= "table" then told[#told + 1] = name .. "=" .. tostring(value) end
  end
  table.sort(told)
  print(table.concat(told, "\\n"))
end)
"""


def test_4_exclude_of_a_client(server: Served, ping: str) -> None:
    """4. `assign` with `exclude` is 500; without it, and with `base-layer`, it is 202."""
    id = server.message(ping, "Ping")
    query = f"{server.urls['mu']}?process-id={ping}&assign={id}&base-layer"
    answer = server.http.post(query + "&exclude=Data,Tags")
    assert (answer.status_code, answer.json()) == (500, {"error": "'exclude': Expected boolean, received string"})
    assert server.http.post(query).status_code == 202


def test_6_mail_is_there_once(server: Served, ping: str) -> None:
    """6. What is for a wallet is kept by this gateway and found at once; no copy is sent anywhere else."""
    item = message(ping, "for the wallet", BOB, Action="Ping")
    server.send(item)
    query = "query ($to: [String!]) { transactions(recipients: $to) { edges { node { id tags { name value } } } } }"

    def mailed() -> list[str]:
        told = server.graphql(query, to=[BOB.address]).json()["data"]["transactions"]["edges"]
        wanted = {"name": "Pushed-For", "value": item.id}
        return [edge["node"]["id"] for edge in told if wanted in edge["node"]["tags"]]

    eventually(mailed)
    [id] = mailed()
    assert server.get("gateway", f"/raw/{id}").text == "for the wallet"


@pytest.mark.parametrize("unit", ["mu", "su", "ur"])
def test_7_nobody_says_to_be_the_messenger(server: Served, ping: str, unit: str) -> None:
    """7. A user's `From-Process` that is legacynet's messenger is refused, and has no place."""
    item = message(ping, **{"From-Process": KNOWN_MESSENGERS[0]})
    answer = server.http.post(server.urls[unit], content=bytes(item))
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid From-Process value."})
    assert server.get("su", f"/{item.id}", **{"process-id": ping}).status_code == 400


def test_9_to_no_process(server: Served) -> None:
    """9. A user's message to what is no process is refused; here with the reason, and 400."""
    item = message(NOBODY)
    answer = server.send(item)
    assert (answer.status_code, answer.json()) == (400, {"error": "there is no process nnn...nnA"})
    assert server.get("gateway", f"/{item.id}").status_code == 404


def test_15_and_16_the_same_again(server: Served) -> None:
    """15, 16. The scheduler takes a message of equal data, tags, target and anchor; the compute unit skips it.

    Such a result has no `GasUsed`. So has that of a message that is assigned again.
    """
    process = server.spawn(
        "N = 0 Handlers.add('N', 'N', function() N = N + 1 end) ao.addAssignable('a', { Action = 'N' })"
    )
    anchor = os.urandom(16).hex()
    tags = {"Data-Protocol": "ao", "Type": "Message", "Action": "N", "From-Process": ALICE.address}
    for wallet, skipped in ((ALICE, False), (BOB, True)):
        item = DataItem.create("same", target=process, tags=tags, anchor=anchor, wallet=wallet)
        assert server.http.post(server.urls["su"], content=bytes(item)).status_code == 200
        text = server.get("cu", f"/result/{item.id}", **{"process-id": process}).text
        assert (text == SKIPPED, "GasUsed" in json.loads(text)) == (skipped, not skipped)
    first = server.message(process, "N")
    assigned = server.http.post(server.urls["mu"], params={"process-id": process, "assign": first}).json()["id"]
    assert server.get("cu", f"/result/{assigned}", **{"process-id": process}).text == SKIPPED
    assert str(server.eval(process, "return N")) == "2"


def test_20_what_a_dry_run_sees(server: Served) -> None:
    """20. `Read-Only` is true and there is no place; who it is from is the tag From-Process, else the owner.

    Time, height, `Cron` and Target are filled in; what the body has of them stays.
    """
    process = server.spawn(FIELDS)
    id = server.message(process, "Nothing")
    node = server.get("su", f"/{id}", **{"process-id": process}).json()
    stamps = {tag["name"]: tag["value"] for tag in node["assignment"]["tags"]}

    def fields(**more: Any) -> dict[str, str]:
        body = {"Id": "1234", "Owner": ALICE.address, "Data": "x", "Anchor": "0", **more}
        body["Tags"] = [{"name": "Action", "value": "Fields"}]
        answer = server.http.post(server.urls["cu"] + "/dry-run", params={"process-id": process}, json=body)
        return dict(line.split("=", 1) for line in answer.json()["Output"]["data"].splitlines())

    seen = fields(From="whoever", **{"Read-Only": False})
    assert seen == {
        "Action": "Fields",
        "Anchor": "0",
        "Block-Height": str(int(stamps["Block-Height"])),
        "Cron": "false",
        "Data": "x",
        "From": ALICE.address,
        "Id": "1234",
        "Owner": ALICE.address,
        "Read-Only": "true",
        "Target": process,
        "Timestamp": stamps["Timestamp"],
    }
    assert fields(Timestamp=5, **{"Block-Height": 6}) == {**seen, "Timestamp": "5", "Block-Height": "6"}


def test_20_no_anchor_is_null(server: Served) -> None:
    """20. A message without an anchor, and one whose anchor is no UTF-8, has `null` at the su, and none in the process."""
    process = server.spawn(FIELDS)
    for anchor, shown in ((None, None), (b"\xff" * 32, None), (b"a" * 32, "a" * 32)):
        tags = {"Data-Protocol": "ao", "Type": "Message", "Action": "Fields"}
        item = DataItem.create(str(anchor), target=process, tags=tags, anchor=anchor, wallet=ALICE)
        assert server.send(item).status_code == 202
        node = server.get("su", f"/{item.id}", **{"process-id": process}).json()
        assert node["message"]["anchor"] == shown
        lines = server.result(process, item.id)["Output"]["data"].splitlines()
        assert [line for line in lines if line.startswith("Anchor=")] == ([] if shown is None else [f"Anchor={shown}"])
