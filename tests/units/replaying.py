"""A recorded scenario of the real network played over HTTP by a server of ours, and written down in the same form.

What only a process sees (`seen`, `env`) no unit shows: `tests/network/replaying.py` compares it.
"""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

from ao_runtime.items import DataItem, message_parts
from ao_runtime.models import read_message
from ao_runtime.network import AOS
from ao_runtime.network.client_items import process_item
from tests.items.vectors import wallet
from tests.network.comparing import compare, infer
from tests.network.replaying import Naming, plain

from .serving import Served, eventually

__all__ = ["differences"]

#: Wallets with RSA keys: their signature of the same is another one each time, as the recorded ones were.
_USERS = {"user": "rsa1", "user2": "rsa2"}
_PROTOCOL = {"Data-Protocol": "ao", "Type": "Message", "Variant": "ao.TN.1"}
#: Nothing has changed for so many seconds: nothing is on its way.
_QUIET = 0.1
_CHILDREN = """query ($tags: [TagFilter!]) {
  transactions(first: 1000, sort: HEIGHT_ASC, tags: $tags) { edges { node { id tags { name value } } } } }"""
_MAIL = """query ($to: [String!]) {
  transactions(first: 1000, sort: HEIGHT_ASC, recipients: $to, tags: [{ name: "From-Process", values: [] }]) {
    edges { node { id anchor recipient owner { address } tags { name value } } } } }"""


class HttpReplay(Naming):
    """One scenario, played on a running server."""

    def __init__(self, server: Served, vector: dict[str, Any]) -> None:
        super().__init__(vector)
        self.server = server
        self.wallets = {name: wallet(key) for name, key in _USERS.items()}
        self.ids |= {name: one.address for name, one in self.wallets.items()}
        self.ids |= {"mu": server.messenger, "su": server.scheduler, "module": AOS}
        #: What users have sent: by the ids of messages, and of assignments.
        self.causes: dict[str, dict[str, Any]] = {}
        self.nodes: dict[str, list[dict[str, Any]]] = {}
        self.mail: list[dict[str, Any]] = []

    def play(self) -> dict[str, Any]:
        """Do what the scenario says."""
        for process in self.vector["processes"]:
            tags = [(tag["name"], self.fill(tag["value"])) for tag in process["tags"]]
            parts = process_item(tags, self.fill(process.get("data")), AOS, self.ids["scheduler"], _now())
            _, _, names, values, data = parts
            own = self.wallets[process["owner"]]
            item = DataItem.create(data, tags=[*zip(names, values, strict=True)], wallet=own)
            self.ids[process["name"]] = item.id
            self.causes[item.id] = {"setup": f"spawn {process['name']}"}
            self._accepted(item)
            self._settle()
        for process in self.vector["processes"]:
            if process.get("code"):
                code = {"Tags": [{"name": "Action", "value": "Eval"}], "Data": self.fill(process["code"])}
                self._send(process["owner"], process["name"], code, {"setup": f"code {process['name']}"})
        self._settle()
        for index, action in enumerate(self.vector["actions"]):
            done = {name: one for name, one in action.items() if name not in ("result", "threw")}
            try:
                self._do(action, done, {"action": index})
            except _RefusedError as error:
                done["threw"] = str(error)
            self.actions.append(done)
            if not action.get("nosettle"):
                self._settle()
        return self.written()

    def _settle(self) -> None:
        """Wait until nothing is on its way."""
        last, since = "", time.monotonic()
        while time.monotonic() - since < _QUIET:
            text = self.server.get("gateway", "/metrics").text
            now = "".join(re.findall(r"^ao_(?:pending|delivered) .*$", text, re.MULTILINE))
            if now != last or "ao_pending 0" not in text:
                last, since = now, time.monotonic()
            time.sleep(0.01)

    def _do(self, action: dict[str, Any], done: dict[str, Any], cause: dict[str, Any]) -> None:
        server, kind = self.server, action["do"]
        if kind == "message":
            self._send_message(action, cause)
        elif kind == "assign":
            given = action["message"]
            query = {"process-id": self.ids[action["to"]]}
            query["assign"] = self.fill(given) if given.startswith("$") else self.ids[given]
            if action.get("exclude"):
                query["exclude"] = ",".join(action["exclude"])
            answer = server.http.post(server.urls["mu"], params=query)
            if answer.status_code != 202:
                raise _RefusedError(answer.json()["error"])
            self.causes[answer.json()["id"]] = cause
        elif kind == "dryrun":
            done["result"] = self.named(self._dry_run(action))
        elif kind in ("monitor", "unmonitor"):
            item = DataItem.create(" ", target=self.ids[action["to"]], wallet=self.wallets["user"])
            method = "POST" if kind == "monitor" else "DELETE"
            url = f"{server.urls['mu']}/monitor/{self.ids[action['to']]}"
            assert server.http.request(method, url, content=bytes(item)).status_code == 200
        elif kind == "sleep":
            time.sleep(action["ms"] / 1000)
        elif kind == "wait-for":
            id = self.ids[action["process"]]
            eventually(lambda: len(server.get("su", f"/{id}").json()["edges"]) >= action["slots"])
        else:
            raise AssertionError(f"an action that is not known: {kind}")

    def _send_message(self, action: dict[str, Any], cause: dict[str, Any]) -> None:
        tags = [{"name": tag["name"], "value": self.fill(tag["value"])} for tag in action.get("tags", [])]
        message = {"Tags": tags, "Data": self.data(action.get("data")), "Anchor": action.get("anchor")}
        if not action.get("item"):
            item = self._send(action["from"], action["to"], message, cause)
            if "name" in action:
                self.ids[action["name"]] = item.id
            return
        target, own = self.ids[action["to"]], self.wallets[action["from"]]
        item = DataItem.create(message["Data"] or b"", target=target, tags=tags, wallet=own)
        self.causes[item.id] = cause
        answer = self.server.send(item)
        assert (answer.status_code == 202) == (action["answer"]["status"] == 202), (action, answer.text)

    def _send(self, sender: str, to: str, message: dict[str, Any], cause: dict[str, Any]) -> DataItem:
        target = self.fill(to) if to.startswith("$") else self.ids[to]
        data, _, anchor, tags = message_parts(read_message(message), "aoconnect")
        given = [(tag["name"], tag["value"]) for tag in message["Tags"]]
        if any(name == "Data-Protocol" and value != "ao" for name, value in given):
            # Beside another protocol the client leaves a Type as it is.
            tags = [*given, *_PROTOCOL.items()]
        item = DataItem.create(data, target=target, anchor=anchor, tags=tags, wallet=self.wallets[sender])
        self.causes[item.id] = cause
        self._accepted(item)
        return item

    def _accepted(self, item: DataItem) -> None:
        answer = self.server.send(item)
        if answer.status_code != 202:
            assert answer.status_code == 400, answer.text
            raise _RefusedError(answer.json()["error"])
        assert answer.json() == {"message": "Processing DataItem", "id": item.id}

    def _dry_run(self, action: dict[str, Any]) -> Any:
        data, process = self.data(action.get("data")), self.ids[action["to"]]
        tags = [{"name": tag["name"], "value": self.fill(tag["value"])} for tag in action.get("tags", [])]
        message = {
            "Id": "1234",
            "Owner": self.fill(action.get("owner") or "1234"),
            "Target": process,
            "Data": "1234" if data is None else data,
            "Tags": tags + [{"name": name, "value": value} for name, value in _PROTOCOL.items()],
            "Anchor": "0",
        }
        answer = self.server.http.post(
            self.server.urls["cu"] + "/dry-run", params={"process-id": process}, json=message
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    # ── written down ───────────────────────────────────────────────────────────────────────────────────────────

    def label(self) -> None:
        """Names for all ids that there are now, and all that the units show of them."""
        names = {id: name for name, id in self.ids.items() if not name.startswith("m") or name in ("mu", "module")}
        self.order = [process["name"] for process in self.vector["processes"]]
        self.children = []
        # Those that a process has spawned are found after it.
        for name in self.order:
            parent = next(id for id, known in names.items() if known == name)
            wanted = {"Type": "Process", "From-Process": parent}
            tags = [{"name": tag, "values": [value]} for tag, value in wanted.items()]
            for node in self._found(_CHILDREN, tags=tags):
                reference = next(tag["value"] for tag in node["tags"] if tag["name"] == "Reference")
                names[node["id"]] = child = f"{name}.{reference}"
                self.children.append({"name": child, "parent": name, "reference": reference})
                self.order.append(child)
        for id, name in [*names.items()]:
            if name in self.order:
                self.nodes[name] = self._places(id)
        for name in self.order:
            for nonce, node in enumerate(self.nodes[name]):
                if nonce:
                    names.setdefault(str(_value(node["assignment"], "Message")), f"{name}#{nonce}")
                names[node["assignment"]["id"]] = f"{name}@{nonce}"
        senders = {id for id, name in names.items() if name in self.order}
        mailed = [node for node in self._found(_MAIL) if _value(node, "From-Process") in senders]
        self.mail = [node for node in mailed if node["recipient"] not in senders and _value(node, "Type") == "Message"]
        for index, node in enumerate(self.mail):
            names[node["id"]] = f"mail#{index}"
        self.take_names(names)

    def _found(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        told = self.server.graphql(query, **variables).json()
        assert "errors" not in told, told
        found = told["data"]["transactions"]
        return [edge["node"] for edge in found["edges"]]

    def _places(self, id: str) -> list[dict[str, Any]]:
        told = self.server.get("su", f"/{id}", **{"process-id": id, "limit": 1000}).json()
        assert told["page_info"] == {"has_next_page": False}
        return [edge["node"] for edge in told["edges"]]

    def written(self) -> dict[str, Any]:
        """The scenario as a recording."""
        self.label()
        ids = {name: id for id, name in self.names.items()}
        slots, ticks = {}, {}
        for name in self.order:
            slots[name] = [self._slot(ids[name], nonce, node) for nonce, node in enumerate(self.nodes[name])]
            found = self._ticks(ids[name], self.nodes[name])
            if found:
                ticks[name] = found
        mail = [self._item(node, node["owner"]["address"], node["recipient"]) for node in self.mail]
        return {
            "name": self.vector["name"],
            "actions": self.actions,
            "slots": slots,
            "ticks": ticks,
            "mail": mail,
            "children": self.children,
        }

    def _slot(self, process: str, nonce: int, node: dict[str, Any]) -> dict[str, Any]:
        message, assignment = node["message"], node["assignment"]
        id = assignment["id"] if message is None else message["id"]
        result = self.server.result(process, id)
        assert self.server.result(process, assignment["id"]) == result
        slot: dict[str, Any] = {"slot": nonce}
        if id in self.causes:
            slot["cause"] = self.causes[id]
        slot["message"] = None
        if message is not None:
            slot["message"] = self._item(message, message["owner"]["address"], message["target"])
        slot["assignment"] = {
            "id": self.named(assignment["id"]),
            "owner": self.named(assignment["owner"]["address"]),
            "tags": [self.tag(tag) for tag in assignment["tags"]],
        }
        slot["evaluations"] = int("GasUsed" in result)
        slot["result"] = self.named(result)
        return slot

    def _item(self, node: dict[str, Any], owner: str, target: str) -> dict[str, Any]:
        raw = self.server.get("gateway", f"/raw/{node['id']}").content
        try:
            data: Any = self.named(raw.decode())
        except UnicodeDecodeError:
            data = {"base64": base64.b64encode(raw).decode()}
        if "data" in node:
            # The scheduler's JSON is text; a process that is none has none.
            assert node["data"] in (raw.decode("utf-8", "replace"), None)
        return {
            "id": self.named(node["id"]),
            "owner": self.named(owner),
            "target": self.named(target),
            "anchor": node["anchor"] or None,
            "tags": [self.tag(tag) for tag in node["tags"]],
            "data": data,
        }

    def _ticks(self, id: str, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        stamps = [_stamp(node) for node in nodes]
        found = []
        for edge in self.server.get("cu", f"/results/{id}", limit=1000).json()["edges"]:
            told = json.loads(base64.b64decode(edge["cursor"]))
            if "cron" in told:
                after, at = int(told["ordinate"]), told["timestamp"]
                tick = {"after": after, "cron": told["cron"], "seconds": at // 1000 - stamps[0] // 1000}
                found.append({**tick, "since": at - stamps[after], "result": self.named(edge["node"])})
        return found


class _RefusedError(Exception):
    """The network has refused something."""


def differences(server: Served, vector: dict[str, Any]) -> list[str]:
    """How the server differs from the recorded network, in all that units show."""
    actual = plain(json.loads(json.dumps(HttpReplay(server, vector).play())))
    expected = plain(vector)
    for slots in expected["slots"].values():
        for slot in slots:
            slot.pop("seen", None)
            slot.pop("env", None)
    found = _tick_problems(expected["ticks"], actual["ticks"])
    actual = infer(actual)
    return found + compare({**expected, "ticks": _seen(expected["ticks"])}, {**actual, "ticks": _seen(actual["ticks"])})


def _seen(ticks: dict[str, Any]) -> dict[str, Any]:
    """Ticks of which nothing is known but that they are there."""
    return {name: [{"seen": {"Tags": []}}] for name in ticks}


def _tick_problems(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """What is wrong with ticks: their names and times, and the form of their results."""
    found = []
    for name, ticks in actual.items():
        known = {tick["cron"] for tick in expected.get(name, [])}
        for tick in ticks:
            every = int(tick["cron"].split("-")[1])
            if tick["cron"] not in known or tick["seconds"] % every or tick["since"] % 1000:
                found.append(f"{name}: a tick out of time: {tick}")
            if {*tick["result"]} != {"Messages", "Assignments", "Spawns", "Output"}:
                found.append(f"{name}: a tick of another form: {tick}")
    return found


def _value(node: dict[str, Any], name: str) -> str | None:
    return next((tag["value"] for tag in node["tags"] if tag["name"] == name), None)


def _stamp(node: dict[str, Any]) -> int:
    return int(str(_value(node["assignment"], "Timestamp")))


def _now() -> int:
    return time.time_ns() // 1_000_000
