"""A process for the tests of the ao side, and short ways to talk to it."""

from __future__ import annotations

import re
from typing import Any

from ao_runtime import Process

ID, OWNER, MODULE, AUTHORITY = "PROCESS", "OWNER", "MODULE", "AUTHORITY"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def environment(**tags: str) -> dict[str, Any]:
    """The environment of the process, with these tags and its module's."""
    tags = {"Module": MODULE, "Authority": AUTHORITY} | tags
    return {
        "Process": {"Id": ID, "Owner": OWNER, "Tags": [{"name": n, "value": v} for n, v in tags.items()]},
        "Module": {"Id": MODULE, "Tags": []},
    }


class Subject:
    """A process that has seen its own message."""

    def __init__(
        self, dialect: str = "2.0.6", boot: str | None = None, tags: dict[str, str] | None = None, **options: Any
    ):
        self.process = Process(environment(**(tags or {})), dialect=dialect, **options)
        self._count = 0
        own = {"Type": "Process"} | ({"On-Boot": "Data"} if boot is not None else {})
        self.booted = self.tell(own, Id=ID, From=OWNER, Owner=OWNER, Data=boot or "")

    def message(self, tags: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """A message from USER, unless the fields say otherwise."""
        self._count += 1
        message: dict[str, Any] = {
            "Id": f"m{self._count}",
            "Target": ID,
            "From": "USER",
            "Owner": fields.get("From", "USER"),
            "Module": MODULE,
            "Block-Height": 1,
            "Timestamp": 1000 + self._count,
            "Tags": [{"name": name, "value": value} for name, value in tags.items()],
            "Data": "",
        }
        return message | fields

    def tell(self, tags: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """The result of a message, as the network writes it."""
        result: dict[str, Any] = self.process.handle(self.message(tags, **fields)).to_dict()
        return result

    def act(self, action: str, **fields: Any) -> dict[str, Any]:
        """The result of a message with this action."""
        return self.tell({"Action": action}, **fields)

    def eval_result(self, code: str) -> dict[str, Any]:
        """The result of an Eval of the owner."""
        return self.tell({"Action": "Eval"}, From=OWNER, Data=code)

    def eval(self, code: str) -> str:
        """What an Eval of the owner says, without colours. It must not fail."""
        result = self.eval_result(code)
        assert "Error" not in result, result["Error"]
        return COLOUR.sub("", str(result["Output"]["data"]))

    def error(self, code: str) -> str:
        """The error of an Eval of the owner, without colours, and without the positions in the network's own files."""
        return cause(self.eval_result(code))


def cause(result: dict[str, Any]) -> str:
    """What the last line `error:` of a result says."""
    text = COLOUR.sub("", str(result["Error"]))
    text = re.sub(r'\[string "\.[^"]*"\]:\d+: ', "", text)
    return text.rpartition("error:\n")[2].strip()


def printed(result: dict[str, Any]) -> list[str]:
    """The printed lines of a result, without colours."""
    assert "Error" not in result, result["Error"]
    data = COLOUR.sub("", str(result["Output"]["data"]))
    return data.split("\n") if data else []


def tags_of(sent: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The tags of something sent, in order."""
    return [(tag["name"], tag.get("value")) for tag in sent["Tags"]]
