"""Requests of plain JSON, as whoever has read ao-sdk's list of endpoints writes them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.units.serving import Served

__all__ = ["CODE", "Api"]

#: Answers Ping, forwards it, counts its ticks, and sends one on for each.
CODE = """
Ticks = 0
Handlers.add("Ping", "Ping", function(msg) msg.reply({ Action = "Pong", Data = msg.Data }) end)
Handlers.add("Forward", "Forward", function(msg) Send({ Target = msg.Tags.To, Action = "Ping", Data = "on" }) end)
Handlers.add("Fail", "Fail", function() error("it failed") end)
Handlers.add("Cron", "Cron", function(msg)
  Ticks = Ticks + 1
  Send({ Target = ao.id, Action = "Noted", Data = tostring(Ticks) })
end)
Handlers.add("Noted", "Noted", function(msg) Noted = msg.Data end)
"""


class Api:
    """The endpoints of a server; every request that is no reading is JSON."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self.url = server.urls["gateway"]

    def get(self, path: str, accept: str = "application/json", **query: Any) -> httpx.Response:
        """Read."""
        params = {name.rstrip("_").replace("_", "-"): value for name, value in query.items()}
        return self.server.http.get(self.url + path, params=params or None, headers={"Accept": accept})

    def post(self, path: str, body: Any = None) -> httpx.Response:
        """Do."""
        return self.server.http.post(self.url + path, json={} if body is None else body)

    def post_item(self, path: str, item: Any) -> httpx.Response:
        """The same with a signed item."""
        headers = {"Content-Type": "application/octet-stream"}
        return self.server.http.post(self.url + path, content=bytes(item), headers=headers)

    def delete(self, path: str, item: Any = None) -> httpx.Response:
        """Undo."""
        kind = "application/json" if item is None else "application/octet-stream"
        content = b"{}" if item is None else bytes(item)
        return self.server.http.request("DELETE", self.url + path, content=content, headers={"Content-Type": kind})

    def spawn(self, code: str = CODE, **more: Any) -> str:
        """A process of the local user's; its id."""
        answer = self.post("/process", {"module": {"lua": code}, **more})
        assert answer.status_code == 201, answer.text
        assert "error" not in answer.json(), answer.text
        return str(answer.json()["process_id"])

    def send(self, to: str, action: str, data: str | None = None, **more: Any) -> dict[str, Any]:
        """A message, and its result."""
        answer = self.post("/message", {"to": to, "action": action, "data": data, "wait": True, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def eval(self, process: str, code: str) -> Any:
        """What Lua code answers."""
        return self.send(process, "Eval", code)["result"]["Output"]["data"]
