"""A recorded scenario of the real network played in ours, and written down in the same form.

`python -m tests.network.replaying FOLDER` compares all scenarios in a folder, and prints what differs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from ao_runtime import AoError
from ao_runtime.network import AOS, Assignment, Evaluation, Item, Network, unit_result, wire_of
from ao_runtime.network.client_items import message_item, process_item

from .comparing import compare, infer

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_NAMED = re.compile(r"\$\{([^}]*)\}")
_VALUES = {"Timestamp": "$timestamp", "Block-Height": "$block-height", "Hash-Chain": "$hash-chain"}
_LONG = 8192
#: Addresses of tables and functions differ from run to run.
_POINTER = re.compile(r"\b0x[0-9a-f]{6,}\b")
#: What one step took when the scenarios were recorded, in seconds: ticks fall due meanwhile.
_STEP = 1.5


class Naming:
    """Names for the ids of a scenario."""

    def __init__(self, vector: dict[str, Any]) -> None:
        self.vector = vector
        self.ids = {name: made(name) for name in ("scheduler", "wallet1", "wallet2", "unknown1", "unknown2")}
        self.actions: list[dict[str, Any]] = []
        #: Names of all ids, from the end on (`label`): in whole, and as aos shortens them.
        self.names: dict[str, str] = {}
        self.shorts: dict[str, str] = {}
        self.order: list[str] = []
        self.children: list[dict[str, str]] = []

    def label(self) -> None:
        """Names for all ids that there are now: `take_names`."""
        raise NotImplementedError

    def take_names(self, names: dict[str, str]) -> None:
        """Have names by ids."""
        self.names = names
        self.shorts = {f"{id[:3]}...{id[-3:]}": name for id, name in names.items()}

    def fill(self, text: Any) -> Any:
        """The text with ids for names."""
        if not isinstance(text, str):
            return text
        return _NAMED.sub(lambda match: self.ids[match[1]], text)

    def data(self, given: Any) -> Any:
        """The data of an action."""
        if isinstance(given, dict):
            return base64.b64decode(given["base64"]) if "base64" in given else given["repeat"][0] * given["repeat"][1]
        return self.fill(given)

    def named(self, value: Any) -> Any:
        """A value with names for ids."""
        if not self.names:
            self.label()
        if isinstance(value, str):
            value = _ID.sub(lambda match: f"${{{self.names[match[0]]}}}" if match[0] in self.names else match[0], value)
            for text, name in self.shorts.items():
                if text in value:
                    value = value.replace(text, f"${{{name}~short}}")
            if len(value.encode("utf-16-le", "surrogatepass")) // 2 > _LONG:
                raw = value.encode()
                return {
                    "length": len(value.encode("utf-16-le")) // 2,
                    "bytes": len(raw),
                    "sha256": hashlib.sha256(raw).hexdigest(),
                    "head": value[:64],
                }
            return value
        if isinstance(value, bytes):
            return self.named(value.decode("utf-8", "replace"))
        if isinstance(value, list):
            return [self.named(one) for one in value]
        if isinstance(value, dict):
            return {self.named(key): self.named(one) for key, one in value.items()}
        return value

    def tag(self, tag: dict[str, str]) -> dict[str, str]:
        """A tag with names for ids; what differs each time is not compared."""
        return {"name": tag["name"], "value": _VALUES.get(tag["name"]) or self.named(tag["value"])}


class Replay(Naming):
    """One scenario, played in a network."""

    def __init__(self, vector: dict[str, Any], signed: bool = False) -> None:
        super().__init__(vector)
        self.net = net = Network(signed=signed, auto=False)
        self.ids |= {name: net.wallet(name).address for name in ("user", "user2")}
        self.ids |= {"mu": net.messenger.address, "su": net.scheduler.address, "module": AOS}
        #: The users' messages, by process and nonce: what caused them.
        self.causes: dict[tuple[str, int], dict[str, Any]] = {}

    def play(self) -> dict[str, Any]:
        """Do what the scenario says."""
        for process in self.vector["processes"]:
            tags = [(tag["name"], self.fill(tag["value"])) for tag in process["tags"]]
            data = self.fill(process.get("data"))
            parts = process_item(tags, data, AOS, self.ids["scheduler"], self.net.clock.now)
            item = self.net.maker.item(self.ids[process["owner"]], *parts)
            self.ids[process["name"]] = item.id
            self.net.messenger.send(item)
            self.causes[process["name"], 0] = {"setup": f"spawn {process['name']}"}
            self._settle()
        for process in self.vector["processes"]:
            if process.get("code"):
                code = {"Tags": [{"name": "Action", "value": "Eval"}], "Data": self.fill(process["code"])}
                self._send(process["owner"], process["name"], code, {"setup": f"code {process['name']}"})
        self.net.run()
        for index, action in enumerate(self.vector["actions"]):
            done = dict(action)
            done.pop("result", None)
            done.pop("threw", None)
            try:
                self._do(action, done, {"action": index})
            except AoError as error:
                done["threw"] = str(error)
            self.actions.append(done)
            if not action.get("nosettle"):
                self._settle()
        return self.written()

    def _settle(self) -> None:
        self.net.run()
        self.net.clock.advance(_STEP)
        self.net.run()

    def _do(self, action: dict[str, Any], done: dict[str, Any], cause: dict[str, Any]) -> None:
        kind = action["do"]
        if kind == "message":
            self._send_message(action, cause)
        elif kind == "assign":
            given = action["message"]
            message_id = self.fill(given) if given.startswith("$") else self.ids[given]
            exclude = tuple(action.get("exclude", ()))
            evaluation = self.net.messenger.assign(self.ids[action["to"]], message_id, exclude)
            self._note(action["to"], evaluation, cause)
        elif kind == "dryrun":
            done["result"] = self.named(self._dry_run(action))
        elif kind == "monitor":
            self.net.messenger.monitor(self.ids[action["to"]])
        elif kind == "unmonitor":
            self.net.messenger.monitored.pop(self.ids[action["to"]])
        elif kind == "sleep":
            self.net.clock.advance(action["ms"] / 1000)
        elif kind == "wait-for":
            self._wait_for(action["process"], action["slots"])
        else:
            raise AssertionError(f"an action that is not known: {kind}")

    def _wait_for(self, process: str, slots: int) -> None:
        schedule = self.net.scheduler.schedule(self.ids[process])
        for _ in range(1000):
            if len(schedule.assignments) >= slots:
                return
            self.net.clock.advance("10s")
            self.net.run()
        raise AssertionError(f"{process} never got {slots} slots")

    def _send_message(self, action: dict[str, Any], cause: dict[str, Any]) -> None:
        tags = [{"name": tag["name"], "value": self.fill(tag["value"])} for tag in action.get("tags", [])]
        message = {"Tags": tags, "Data": self.data(action.get("data")), "Anchor": action.get("anchor")}
        if action.get("item"):
            self._send_item(action, tags, message, cause)
            return
        evaluation = self._send(action["from"], action["to"], message, cause)
        if "name" in action:
            assert evaluation.item is not None
            self.ids[action["name"]] = evaluation.item.id

    def _send(self, sender: str, to: str, message: dict[str, Any], cause: dict[str, Any]) -> Evaluation:
        target = self.fill(to) if to.startswith("$") else self.ids[to]
        item = self.net.maker.item(self.ids[sender], *message_item(target, message, {}))
        evaluation = self.net.messenger.send(item)
        self._note(to, evaluation, cause)
        return evaluation

    def _send_item(self, action: dict[str, Any], tags: Any, message: dict[str, Any], cause: dict[str, Any]) -> None:
        names = tuple(tag["name"].encode() for tag in tags)
        values = tuple(tag["value"].encode() for tag in tags)
        data = message["Data"] or b""
        data = data.encode() if isinstance(data, str) else data
        item = self.net.maker.item(self.ids[action["from"]], self.ids[action["to"]], b"", names, values, data)
        refused = action["answer"]["status"] != 202
        try:
            evaluation = self.net.messenger.send(item)
        except AoError:
            assert refused, action
        else:
            assert not refused, action
            self._note(action["to"], evaluation, cause)

    def _dry_run(self, action: dict[str, Any]) -> dict[str, Any]:
        tags = [{"name": tag["name"], "value": self.fill(tag["value"])} for tag in action.get("tags", [])]
        tags += [{"name": name, "value": value} for name, value in _PROTOCOL.items()]
        data = self.data(action.get("data"))
        message = {
            "Id": "1234",
            "Owner": self.fill(action.get("owner") or "1234"),
            "Target": self.ids[action["to"]],
            "Data": "1234" if data is None else data,
            "Tags": tags,
            "Anchor": "0",
        }
        return unit_result(self.net.compute.dry_run(self.ids[action["to"]], message))

    def _note(self, to: str, evaluation: Evaluation, cause: dict[str, Any]) -> None:
        self.causes[to, evaluation.nonce] = cause

    def label(self) -> None:
        """Names for all ids that there are now."""
        scheduler = self.net.scheduler
        names = {id: name for name, id in self.ids.items() if not name.startswith("m") or name in ("mu", "module")}
        order = [process["name"] for process in self.vector["processes"]]
        self.children = []
        for id in scheduler.processes:
            if id not in names:
                item = scheduler.schedule(id).item
                parent, reference = names[_text(item.tag(b"From-Process"))], _text(item.tag(b"Reference"))
                names[id] = f"{parent}.{reference}"
                self.children.append({"name": names[id], "parent": parent, "reference": reference})
                order.append(names[id])
        self.order = order
        ids = {name: id for id, name in names.items()}
        for name in order:
            for one in scheduler.schedule(ids[name]).assignments:
                names.setdefault(one.item.id, f"{name}#{one.nonce}")
                names[one.id] = f"{name}@{one.nonce}"
        for index, item in enumerate(self.net.storage.mail):
            names[item.id] = f"mail#{index}"
        self.take_names(names)

    # ── written down ───────────────────────────────────────────────────────────────────────────────────────────

    def written(self) -> dict[str, Any]:
        """The scenario as a recording."""
        self.label()
        net, ids = self.net, {name: id for id, name in self.names.items()}
        slots: dict[str, Any] = {}
        ticks: dict[str, Any] = {}
        for name in self.order:
            schedule = net.scheduler.schedule(ids[name])
            unit = net.compute.unit(ids[name])
            slots[name] = [
                self._slot(name, one, unit.evaluations[unit.nonces[one.nonce]]) for one in schedule.assignments
            ]
            found = [one for one in unit.evaluations if one.tick is not None]
            if found:
                ticks[name] = [self._tick(schedule.assignments, one) for one in found]
        mail = [{**self._item(item), "id": f"${{mail#{index}}}"} for index, item in enumerate(net.storage.mail)]
        return {
            "name": self.vector["name"],
            "actions": self.actions,
            "slots": slots,
            "ticks": ticks,
            "mail": mail,
            "children": self.children,
        }

    def _slot(self, name: str, one: Assignment, evaluation: Evaluation) -> dict[str, Any]:
        assert evaluation.result is not None
        slot: dict[str, Any] = {"slot": one.nonce}
        if (name, one.nonce) in self.causes:
            slot["cause"] = self.causes[name, one.nonce]
        assignment = one.to_wire()["assignment"]
        slot["message"] = None if one.elsewhere else self._item(one.item)
        slot["assignment"] = {
            "id": self.named(one.id),
            "owner": self.named(one.scheduler),
            "tags": [self.tag(tag) for tag in assignment["tags"]],
        }
        slot["seen"] = None if evaluation.skipped else self._seen(wire_of(one))
        slot["evaluations"] = 0 if evaluation.skipped else 1
        slot["result"] = self.named(unit_result(evaluation.result))
        if evaluation.skipped:
            del slot["result"]["GasUsed"]
        if one.nonce == 0:
            slot["env"] = self._env(one)
        return slot

    def _env(self, one: Assignment) -> dict[str, Any]:
        environment = self.net.compute.process(one.process).environment
        env: dict[str, Any] = self.named(json.loads(json.dumps(environment)))
        env["Process"]["Tags"] = [self.tag(tag) for tag in env["Process"]["Tags"]]
        return env

    def _item(self, item: Item) -> dict[str, Any]:
        data: Any = self.named(item.data)
        try:
            item.data.decode()
        except UnicodeDecodeError:
            data = {"base64": base64.b64encode(item.data).decode()}
        return {
            "id": self.named(item.id),
            "owner": self.named(item.owner),
            "target": self.named(item.target),
            "anchor": item.anchor.decode() or None,
            "tags": [self.tag(tag) for tag in item.tags.to_list()],
            "data": data,
        }

    def _seen(self, wire: dict[str, Any]) -> dict[str, Any]:
        seen: dict[str, Any] = self.named(wire)
        seen["Tags"] = [self.tag(tag) for tag in seen["Tags"]]
        return {**seen, **_VALUES, "Signature": "$signature"}

    def _tick(self, assignments: list[Assignment], one: Evaluation) -> dict[str, Any]:
        assert one.tick is not None
        assert one.result is not None
        process = self.net.compute.process(one.process)
        seen = self.named(one.tick.message(one.process, process.owner))
        at, first = one.tick.moment.timestamp, assignments[0].timestamp
        result = self.named(unit_result(one.result))
        return {
            "after": one.nonce,
            "cron": one.tick.cron.name,
            "seconds": at // 1000 - first // 1000,
            "since": at - assignments[one.nonce].timestamp,
            "seen": {**seen, "Timestamp": "$timestamp", "Block-Height": "$block-height"},
            "result": {name: value for name, value in result.items() if name != "GasUsed"},
        }


_PROTOCOL = {"Data-Protocol": "ao", "Type": "Message", "Variant": "ao.TN.1"}


def differences(vector: dict[str, Any], signed: bool = False) -> list[str]:
    """How our network differs from the recorded one."""
    actual = plain(json.loads(json.dumps(Replay(vector, signed).play())))
    return compare(plain(vector), infer(actual))


def plain(value: Any) -> Any:
    """The value without what differs from run to run, and with whole numbers as JavaScript writes them."""
    if isinstance(value, str):
        return _POINTER.sub("$pointer", value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {key: plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def made(name: str) -> str:
    """An id that belongs to nothing."""
    digest = hashlib.sha256(f"vectors {name}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _text(value: bytes | None) -> str:
    assert value is not None
    return value.decode()


if __name__ == "__main__":
    failed = False
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        found = differences(json.loads(path.read_text(encoding="utf-8")))
        failed = failed or bool(found)
        print(f"{path.stem}: {'same' if not found else ''}")
        print("".join(f"  {line}\n" for line in found[:10]), end="")
    sys.exit(failed)
