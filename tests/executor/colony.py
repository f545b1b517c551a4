"""A small server of ColonyOS: one colony, with the rules that were recorded at a real one (`tests/colonies/recorded`).

It keeps processes, leases, executors, attributes, logs, channels and workflows as the executor and those who submit
meet them. `test_colony.py` compares its refusals with the recorded ones.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ao_runtime.colonies import gen_hash, gen_id, gen_prvkey, recid

NEVER = "0001-01-01T00:00:00Z"
WAITING, RUNNING, SUCCESS, FAILED = range(4)
PENDING, APPROVED, REJECTED, UNREGISTERED = range(4)
NAME = "alpha"


class RefusedError(Exception):
    """A refusal."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Colony:
    """A server with one colony, whose owner's key is `owner`. Stops at the end of a `with` block.

    `tick` is how often leases are looked at, `stale` after how many seconds without a request for work an executor is
    unregistered. `before` and `after` are called with the type of a call, its payload and the signer's id: before it is
    carried out, and before it is answered. Where `before` returns False the call has not arrived; where `after` does there
    is no answer.
    """

    def __init__(self, *, tick: float = 0.05, stale: float = 600.0) -> None:
        self.owner = gen_prvkey()
        self.stale = stale
        self.executors: dict[str, dict[str, Any]] = {}
        self.functions: dict[str, dict[str, Any]] = {}
        self.processes: dict[str, dict[str, Any]] = {}
        self.deadlines: dict[str, float] = {}
        self.graphs: dict[str, dict[str, Any]] = {}
        self.logs: list[dict[str, Any]] = []
        self.channels: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.asked: dict[str, float] = {}
        self.calls: list[tuple[str, str]] = []
        #: The output of every close that was accepted, by process: what the colony was told, also when told again.
        self.closed: dict[str, list[Any]] = {}
        self.before: Callable[[str, dict[str, Any], str], bool | None] = lambda *_: None
        self.after: Callable[[str, dict[str, Any], str], bool | None] = lambda *_: None
        self.changed = threading.Condition(threading.RLock())
        self._ended = False
        outer = self

        class Handler(_Handler):
            colony = outer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._tick = tick
        self.url = f"http://127.0.0.1:{self._http.server_port}/api"
        for target in (lambda: self._http.serve_forever(0.01), self._look):
            threading.Thread(target=target, daemon=True).start()

    def __enter__(self) -> Colony:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._http.shutdown()
        self._http.server_close()

    def member(self, name: str = "submitter", executortype: str = "people") -> str:
        """The key of a new approved executor."""
        key = gen_prvkey()
        self._new_executor(gen_id(key), name, executortype)["state"] = APPROVED
        return key

    def wait(self, check: Callable[[], Any], seconds: float = 30.0) -> Any:
        """What `check` gives as soon as that is true; AssertionError after so many seconds."""
        end = time.monotonic() + seconds
        with self.changed:
            while not (found := check()):
                assert time.monotonic() < end, f"in vain: {self.told()}"
                self.changed.wait(0.02)
            return found

    def until(self, processid: str, state: int, seconds: float = 30.0) -> dict[str, Any]:
        """A process, as soon as it is in a state."""
        self.wait(lambda: self.processes[processid]["state"] == state, seconds)
        return self.processes[processid]

    def told(self) -> list[Any]:
        """What is known of all processes, for whoever looks for an error."""
        return [(p["spec"]["label"], p["state"], p["retries"], p["errors"]) for p in self.processes.values()] + [
            log["message"] for log in self.logs
        ]

    # ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self) -> None:
        while not self._ended:
            time.sleep(self._tick)
            with self.changed:
                now = time.time()
                for process in self.processes.values():
                    if process["state"] == RUNNING and now > self.deadlines.get(process["processid"], now):
                        self._lapse(process)
                for executor in self.executors.values():
                    asked = self.asked.get(executor["executorid"])
                    if executor["state"] == APPROVED and asked is not None and now - asked > self.stale:
                        self.unregister(executor["executorname"])

    def _lapse(self, process: dict[str, Any]) -> None:
        if process["spec"]["maxretries"] in (-1,) or process["retries"] < process["spec"]["maxretries"]:
            process["retries"] += 1
            self._back(process)
        else:
            process["errors"] = ["Maximum execution time limit exceeded"]
            self._end(process, FAILED)

    def _back(self, process: dict[str, Any]) -> None:
        process.update(state=WAITING, isassigned=False, assignedexecutorid="")
        self.changed.notify_all()

    def unregister(self, name: str) -> None:
        """Take an executor's part away; what it holds goes back, its retries unchanged."""
        with self.changed:
            self.executors[name]["state"] = UNREGISTERED
            for process in self.processes.values():
                if process["state"] == RUNNING and process["assignedexecutorid"] == self.executors[name]["executorid"]:
                    process["starttime"] = NEVER
                    self._back(process)

    # ── calls ──────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, body: bytes) -> tuple[str, Any, int, bool]:
        """Type, payload and status of the answer to a call, and whether there is one."""
        envelope = json.loads(body)
        signer = recid(envelope["payload"], envelope["signature"])
        kind = envelope["payloadtype"]
        payload = json.loads(base64.b64decode(envelope["payload"]))
        if self.before(kind, payload, signer) is False:
            return kind, None, 200, False
        try:
            with self.changed:
                self.calls.append((kind, signer))
                reply = getattr(self, f"_{kind}")(payload, signer)
                self.changed.notify_all()
        except RefusedError as error:
            return "error", {"status": error.status, "message": error.message}, error.status, True
        # As Go's JSON has them: object keys sorted, numbers as 64-bit floats.
        reply = json.loads(
            json.dumps(reply, sort_keys=True), parse_int=lambda text: int(float(text)) if len(text) > 15 else int(text)
        )
        return kind, reply, 200, self.after(kind, payload, signer) is not False

    def _new_executor(self, id: str, name: str, kind: str) -> dict[str, Any]:
        self.executors[name] = {
            "executorid": id, "executortype": kind, "executorname": name, "colonyname": NAME, "state": PENDING,
            "commissiontime": _stamp(time.time()), "lastheardfromtime": NEVER,
        }  # fmt: skip
        return self.executors[name]

    def _colony(self, payload: dict[str, Any]) -> None:
        if payload.get("colonyname", NAME) != NAME:
            raise RefusedError(403, f"Colony with name <{payload['colonyname']}> does not exists")

    def _owner(self, signer: str) -> None:
        if signer != gen_id(self.owner):
            raise RefusedError(403, "Access denied, not colony owner")

    def _member(self, signer: str, states: tuple[int, ...] = (APPROVED,)) -> dict[str, Any]:
        for executor in self.executors.values():
            if executor["executorid"] == signer and executor["state"] in states:
                return executor
        raise RefusedError(403, f"Access denied, not a member of Colony with name <{NAME}>")

    def _addexecutormsg(self, payload: dict[str, Any], signer: str) -> Any:
        given = payload["executor"]
        self._colony(given)
        self._owner(signer)
        if given["executorname"] in self.executors:
            raise RefusedError(400, f"Executor with name <{given['executorname']}> in Colony <{NAME}> already exists")
        return self._new_executor(given["executorid"], given["executorname"], given["executortype"])

    def _approveexecutormsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._owner(signer)
        if payload["executorname"] not in self.executors:
            raise RefusedError(500, "Failed to approve executor, executor is nil")
        self.executors[payload["executorname"]]["state"] = APPROVED
        return {}

    def _getexecutorsmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._colony(payload)
        self._member(signer, (PENDING, APPROVED, REJECTED, UNREGISTERED))
        return list(self.executors.values())

    def _addfunctionmsg(self, payload: dict[str, Any], signer: str) -> Any:
        mine = self._member(signer)
        given = payload["fun"]
        if given["executorname"] not in self.executors:
            message = f"Failed to add function, Executor with name <{given['executorname']}> does not exist"
            raise RefusedError(400, message)
        if given["executorname"] != mine["executorname"]:
            raise RefusedError(403, "Not allowed to add a function to another executor")
        function = {**given, "functionid": secrets.token_hex(32)}
        self.functions[function["functionid"]] = function
        return function

    def _getfunctionsmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._member(signer)
        name = payload.get("executorname")
        return [one for one in self.functions.values() if name in (None, "", one["executorname"])] or None

    def _removefunctionmsg(self, payload: dict[str, Any], signer: str) -> Any:
        mine = self._member(signer)
        found = self.functions.get(payload["functionid"])
        if found is None:
            raise RefusedError(404, "Failed to remove function, function does not exist")
        if found["executorname"] != mine["executorname"]:
            raise RefusedError(403, "Not allowed to remove a function from another executor")
        del self.functions[payload["functionid"]]
        return {}

    def _getcolonystatsmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._member(signer)
        states = [process["state"] for process in self.processes.values()]
        names = ("waitingprocesses", "runningprocesses", "successfulprocesses", "failedprocesses")
        return {"colonies": 1, "executors": len(self.executors)} | {
            name: states.count(state) for state, name in enumerate(names)
        }

    # ── processes ──────────────────────────────────────────────────────────────────────────────────────────────

    def _new_process(self, spec: dict[str, Any], member: dict[str, Any]) -> dict[str, Any]:
        if not -50000 <= spec["priority"] <= 50000:
            raise RefusedError(400, "Failed to submit function spec, priority outside range [-50000, 50000]")
        id = secrets.token_hex(32)
        now = time.time_ns()
        self.processes[id] = {
            "processid": id, "initiatorid": member["executorid"], "initiatorname": member["executorname"],
            "assignedexecutorid": "", "isassigned": False, "state": WAITING,
            "prioritytime": now - spec["priority"] * 86_400_000_000_000, "submissiontime": _stamp(now / 1e9),
            "starttime": NEVER, "endtime": NEVER, "waitdeadline": NEVER, "execdeadline": NEVER, "retries": 0,
            "attributes": [], "spec": spec, "waitforparents": False, "parents": [], "children": [],
            "processgraphid": "", "in": [], "out": [], "errors": [],
        }  # fmt: skip
        for name in spec.get("channels") or []:
            self.channels[id, name] = []
        return self.processes[id]

    def _submitfuncspecmsg(self, payload: dict[str, Any], signer: str) -> Any:
        spec = payload["spec"]
        self._colony(spec["conditions"])
        return self._new_process(spec, self._member(signer))

    def _assignprocessmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._colony(payload)
        self._member(signer)
        if payload["timeout"] == 0:
            raise RefusedError(400, "Invalid timeout value, timeout cannot be zero")
        end = time.monotonic() + payload["timeout"]
        while True:
            executor = self._member(signer)
            self.asked[signer] = time.time()
            found = [process for process in self.processes.values() if self._fits(process, executor, payload)]
            if found:
                return self._give(min(found, key=lambda process: process["prioritytime"]), signer)
            if (left := end - time.monotonic()) <= 0:
                raise RefusedError(404, "No process available for assignment")
            self.changed.wait(left)

    def _fits(self, process: dict[str, Any], executor: dict[str, Any], payload: dict[str, Any]) -> bool:
        conditions = process["spec"]["conditions"]
        cpu = payload.get("availablecpu") or ""
        return (
            process["state"] == WAITING
            and not process["waitforparents"]
            and conditions["executortype"] == executor["executortype"]
            and executor["executorname"] in (conditions.get("executornames") or [executor["executorname"]])
            and (not cpu or int((conditions["cpu"] or "0m")[:-1]) <= int(cpu[:-1]))
        )

    def _give(self, process: dict[str, Any], signer: str) -> dict[str, Any]:
        now = time.time()
        seconds = process["spec"]["maxexectime"]
        process.update(state=RUNNING, isassigned=True, assignedexecutorid=signer, starttime=_stamp(now))
        self.deadlines.pop(process["processid"], None)
        if seconds >= 0:
            self.deadlines[process["processid"]] = now + seconds
            process["execdeadline"] = _stamp(now + seconds)
        # The reply to this call has neither.
        return {**process, "starttime": process["starttime"][:-1] + "123Z", "execdeadline": NEVER}

    def _getprocessmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._member(signer)
        if payload["processid"] not in self.processes:
            raise RefusedError(404, "Failed to get process, process not found")
        return self.processes[payload["processid"]]

    def _getprocessesmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._colony(payload)
        self._member(signer)
        if payload["count"] > 100:
            raise RefusedError(400, "Count is larger than MaxCount limit <100>")
        if not 0 <= payload["state"] <= 4:
            raise RefusedError(400, "Failed to get processes, invalid msg.State")
        found = [
            process
            for process in self.processes.values()
            if process["state"] == payload["state"]
            and payload.get("label", "") in ("", process["spec"]["label"])
            and payload.get("executortype", "") in ("", process["spec"]["conditions"]["executortype"])
        ]
        return found[: payload["count"]] or None

    def _held(self, payload: dict[str, Any], signer: str, what: str, other: str) -> dict[str, Any]:
        """The process of a call that only its holder may make."""
        self._member(signer)
        process = self.processes.get(payload["processid"])
        if process is None:
            raise RefusedError(500, f"Failed to {what}, process is nil")
        if process["assignedexecutorid"] != signer:
            raise RefusedError(403, f"Failed to {what}, {other}")
        return process

    def _closing(self, payload: dict[str, Any], signer: str, word: str) -> dict[str, Any]:
        self._member(signer)
        what = f"close process as {word}"
        process = self.processes.get(payload["processid"])
        if process is not None and not process["isassigned"] and process["state"] == WAITING:
            raise RefusedError(403, f"Failed to {what}, process is not assigned")
        return self._held(payload, signer, what, f"not allowed to {what}")

    def _closesuccessfulmsg(self, payload: dict[str, Any], signer: str) -> Any:
        process = self._closing(payload, signer, "successful")
        if payload.get("out"):
            process["out"] = payload["out"]
        if process["state"] == FAILED:
            raise RefusedError(400, "Tried to set failed process as successful")
        self.closed.setdefault(process["processid"], []).append(payload.get("out"))
        self._end(process, SUCCESS)
        return {}

    def _closefailedmsg(self, payload: dict[str, Any], signer: str) -> Any:
        process = self._closing(payload, signer, "failed")
        if process["state"] in (SUCCESS, FAILED):
            word = "successful" if process["state"] == SUCCESS else "failed"
            raise RefusedError(400, f"Tried to set {word} process as failed")
        process["errors"] = payload.get("errors")
        self._end(process, FAILED)
        return {}

    def _end(self, process: dict[str, Any], state: int) -> None:
        process.update(state=state, endtime=_stamp(time.time()))
        for key in [key for key in self.channels if key[0] == process["processid"]]:
            del self.channels[key]
        graph = self.graphs.get(process["processgraphid"])
        if graph is not None:
            self._graph_moves(graph, process)
        self.changed.notify_all()

    def _addattributemsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._member(signer)
        given = payload["attribute"]
        process = self.processes.get(given["targetid"])
        if process is None:
            raise RefusedError(404, "Failed to add attribute, process not found")
        if process["state"] != RUNNING:
            raise RefusedError(403, "Failed to add attribute, process is not running")
        if process["assignedexecutorid"] != signer:
            only = f"only executor with id <{process['assignedexecutorid']}> is allowed to set attributes"
            raise RefusedError(403, f"Failed to add attribute, {only}")
        id = gen_hash(f"{given['targetid']}{given['key']}{given['attributetype']}")
        if any(one["attributeid"] == id for one in process["attributes"]):
            raise RefusedError(400, 'pq: duplicate key value violates unique constraint "prod_attributes_pkey"')
        process["attributes"].append({**given, "attributeid": id})
        return process["attributes"][-1]

    def _addlogmsg(self, payload: dict[str, Any], signer: str) -> Any:
        other = "not allowed to add log, only the assigned Executor may att logs"
        process = self._held(payload, signer, "add log", other)
        if process["state"] != RUNNING:
            raise RefusedError(403, "Failed to set output, process is not running")
        self.logs.append({**payload, "timestamp": time.time_ns()})
        return {}

    # ── channels ───────────────────────────────────────────────────────────────────────────────────────────────

    def _channel(self, payload: dict[str, Any], signer: str) -> list[dict[str, Any]]:
        self._member(signer)
        process = self.processes.get(payload["processid"])
        if process is None:
            raise RefusedError(404, "Process not found")
        key = payload["processid"], payload["name"]
        if key not in self.channels:
            raise RefusedError(404, "Channel not found")
        if signer not in (process["initiatorid"], process["assignedexecutorid"]):
            raise RefusedError(403, "Not authorized to write to channel")
        return self.channels[key]

    def _channelappendmsg(self, payload: dict[str, Any], signer: str) -> Any:
        entry = {"sequence": payload["sequence"], "senderid": signer, "payload": payload["payload"]}
        entry |= {"type": payload.get("payloadtype") or "data", "timestamp": _stamp(time.time())}
        self._channel(payload, signer).append(entry)
        return {}

    def _channelreadmsg(self, payload: dict[str, Any], signer: str) -> Any:
        return self._channel(payload, signer)[payload["afterseq"] :]

    # ── workflows ──────────────────────────────────────────────────────────────────────────────────────────────

    def _submitworkflowspecmsg(self, payload: dict[str, Any], signer: str) -> Any:
        member = self._member(signer)
        specs = {}
        for spec in payload["spec"]["functionspecs"]:
            if not spec["nodename"]:
                raise RefusedError(500, "Nodename is missing, check function spec for errors")
            if spec["nodename"] in specs:
                raise RefusedError(500, f"Duplicate nodename: {spec['nodename']}")
            specs[spec["nodename"]] = spec
        wanted = {name for spec in specs.values() for name in spec["conditions"]["dependencies"]}
        if wanted - set(specs):
            text = "invalid dependencies, are you depending on a nodename that does not exits?"
            raise RefusedError(500, f"Failed to submit workflow, {text}")
        made = {name: self._new_process(spec, member) for name, spec in specs.items()}
        graph = {
            "processgraphid": secrets.token_hex(32), "initiatorid": member["executorid"], "colonyname": NAME,
            "state": WAITING, "rootprocessids": [], "nodes": [], "edges": [],
            "processids": sorted(process["processid"] for process in made.values()),
        }  # fmt: skip
        self.graphs[graph["processgraphid"]] = graph
        for name, process in made.items():
            parents = specs[name]["conditions"]["dependencies"]
            process["parents"] = [made[parent]["processid"] for parent in parents]
            process["processgraphid"] = graph["processgraphid"]
            process["waitforparents"] = bool(parents)
        return graph

    def _graph_moves(self, graph: dict[str, Any], ended: dict[str, Any]) -> None:
        members = [self.processes[id] for id in graph["processids"]]
        if ended["state"] == FAILED:
            graph["state"] = FAILED
            for process in members:
                if process["state"] in (WAITING, RUNNING):
                    process.update(state=FAILED)
            return
        for process in members:
            parents = [self.processes[id] for id in process["parents"]]
            if process["waitforparents"] and all(parent["state"] == SUCCESS for parent in parents):
                process["waitforparents"] = False
                process["in"] = [value for parent in parents for value in parent["out"]]
        done = all(process["state"] == SUCCESS for process in members)
        graph["state"] = SUCCESS if done else RUNNING

    def _getprocessgraphmsg(self, payload: dict[str, Any], signer: str) -> Any:
        self._member(signer)
        if payload["processgraphid"] not in self.graphs:
            raise RefusedError(500, "Failed to get processgraph, graph is nil")
        return self.graphs[payload["processgraphid"]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    colony: Colony

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """A call."""
        with suppress(OSError):
            kind, reply, status, answered = self.colony.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if not answered:
                self.close_connection = True
                return
            payload = base64.b64encode(json.dumps(reply).encode()).decode()
            body = json.dumps({"payloadtype": kind, "payload": payload, "error": kind == "error"}).encode()
            head = (
                f"HTTP/1.1 {status} -\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + body)
