"""What the endpoints have done is there after a kill, and nothing is delivered that was not to be."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Timer

import httpx

from tests.cli.running import ao_run
from tests.units.serving import Served, eventually, message

from .api import Api
from .test_consistency import pending


def test_after_a_kill(tmp_path: Path) -> None:
    """Terminated stays terminated, limits hold, ticks out of turn and quiet messages are as they were; all verifies."""
    first = Served(str(tmp_path))
    try:
        api = Api(first)
        user = api.get("/info").json()["local_user"]
        ended, small = api.spawn(), api.spawn(compute_limit=400_000)
        process = api.spawn(cron_interval="1-hour", cron_tags={"Action": "Cron"})
        target = api.spawn()
        api.delete(f"/process/{ended}")
        item = message(process, Action="Forward", To=target)
        assert api.post_item("/scheduler", item).status_code == 200
        ticks = [api.post(f"/cron/{process}", {"push": push}).json() for push in (True, False)]
        eventually(lambda: pending(first) == 0 and len(api.get(f"/scheduler/{process}").json()) == 3)
        order = api.get(f"/scheduler/{process}").json()
        crons = api.get(f"/cron/{process}").json()
        state = api.get(f"/process/{process}", "*/*").content
        first.process.kill()
        first.process.wait()
    finally:
        first.close()
    second = Served(str(tmp_path))
    try:
        api = Api(second)
        assert api.get("/info").json()["local_user"] == user
        assert api.get(f"/process/{ended}").json()["status"] == "terminated"
        assert api.post("/message", {"to": ended}).status_code == 410
        error = api.send(small, "Eval", "for i = 1, 1e6 do end")["result"]["Error"]
        assert "instruction limit of 400000 reached" in error
        eventually(lambda: pending(second) == 0)
        assert api.get(f"/scheduler/{process}").json() == order
        assert api.get(f"/cron/{process}").json() == crons
        assert [one["timestamp"] for one in crons] == [one["timestamp"] for one in ticks]
        assert api.get(f"/process/{process}", "*/*").content == state
        assert len(api.get(f"/scheduler/{target}").json()) == 1
        assert second.stop() == 0
    finally:
        second.close()
    assert ao_run("net", "verify", str(tmp_path)).code == 0


def test_a_kill_in_the_middle(tmp_path: Path) -> None:
    """While a message is evaluated nothing of it was acknowledged: afterwards it is there whole, or not at all."""
    first = Served(str(tmp_path))
    try:
        api = Api(first)
        process = api.spawn("N = 0")
        slow = message(process, "for i = 1, 3e7 do end N = N + 1", Action="Eval")
        headers = {"Content-Type": "application/octet-stream"}
        request = first.http.build_request("POST", api.url + "/message", content=bytes(slow), headers=headers)
        Timer(0.3, first.process.kill).start()
        acknowledged = False
        with suppress(httpx.TransportError):
            acknowledged = first.http.send(request).status_code == 202
        first.process.wait()
    finally:
        first.close()
    second = Served(str(tmp_path))
    try:
        api = Api(second)
        there = api.get(f"/message/{slow.id}")
        assert there.status_code in ((200,) if acknowledged else (200, 404))
        if there.status_code == 404:
            assert api.post_item("/message", slow).status_code == 202
        assert api.get(f"/message/{slow.id}").json()["slot"] == 1
        assert api.get(f"/message/{slow.id}").json()["status"] == "processed"
    finally:
        second.close()


def test_whoever_waits_is_answered_before_it_ends() -> None:
    """SIGTERM while a result is waited for: it is answered, and the server ends well."""
    served = Served()
    try:
        api = Api(served)
        process = api.spawn()
        code = "for i = 1, 2e7 do end return 'done'"
        Timer(0.2, served.process.terminate).start()
        answer = api.post("/message", {"to": process, "action": "Eval", "data": code, "wait": True})
        assert (answer.status_code, answer.json()["result"]["Output"]["data"]) == (200, "done")
        served.http.close()
        assert served.process.wait(30) == 0
    finally:
        served.close()
