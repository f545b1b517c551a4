"""The explorer in a real browser: what strangers write is text, what is new appears, and pictures of every page."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ao_runtime.items import DataItem
from tests.differential.fetch import OracleMissingError

from ..serving import ALICE, Served, eventually, message
from .browser import drive
from .town import built

#: Names a folder for pictures of all pages, to look at; without it they are few, and the test's own.
FOLDER_VARIABLE = "AO_RUNTIME_PICTURES"
MARK = "<b>mark</b>"
ATTACK = (
    f"{MARK}\"'><img src=x onerror=window.hacked=1><script>window.hacked=2</script><style>*{{display:none}}</style>"
    "<svg onload=window.hacked=3></textarea></title></pre>{{7*7}}javascript:alert(1)"
)
CODE = """
local bad = {attack}
Handlers.add(bad, "Go", function(msg)
  Send({{ Target = msg.From, Action = bad, [bad] = bad, Data = bad }})
  Send({{ Target = bad, Action = bad, Data = bad }})
  Spawn(bad, {{ Data = bad, Tags = {{ Name = bad, [bad] = bad }} }})
  Assign({{ Processes = {{ bad }}, Message = bad }})
  print(bad)
end)
Handlers.add("Fail", "Fail", function() error(bad) end)
Handlers.add("Wait", "Wait", function(msg) Receive({{ Action = bad, From = bad }}) end)
State = {{ [bad] = bad, inner = {{ [bad] = {{ [bad] = bad }} }} }}
"""


def driven(script: str, profile: Path, acts: Any = None, **told: Any) -> Any:
    """What a script says; the test is skipped without a browser, with the reason."""
    try:
        return drive(script, profile, acts, **told)
    except OracleMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def town() -> Iterator[tuple[Served, dict[str, str]]]:
    """A small network, and the paths of its pages."""
    served = Served()
    try:
        yield served, built(served)
    finally:
        served.close()


def pictured(town: tuple[Served, dict[str, str]], profile: Path, names: list[str], whole: bool) -> None:
    """Take pictures of some pages, and look whether any is wider than the window, or complains."""
    server, pages = town
    folder = Path(os.environ.get(FOLDER_VARIABLE) or profile / "pictures").absolute()
    base = server.urls["gateway"] + "/explorer"
    told = driven("pictures.mjs", profile, base=base, folder=str(folder), whole=whole, pictured=names, pages=pages)
    # The one complaint is the browser's own about the page that there is not.
    assert told == {
        "said": ["error: Failed to load resource: the server responded with a status of 404 (Not Found)"],
        "wide": [],
    }
    sizes = {}
    for name in names:
        for width in (390, 1280):
            pictures = [(folder / f"{name}-{width}-{scheme}.png").read_bytes() for scheme in ("light", "dark")]
            assert pictures[0] != pictures[1]
            sizes[name, width] = {struct.unpack(">I", picture[16:20])[0] for picture in pictures}
    assert sizes == {(name, width): {width} for name in names for width in (390, 1280)}


def test_pictures(town: tuple[Served, dict[str, str]], tmp_path: Path) -> None:
    """At 390 and at 1280 pixels no page is wider than the window, and none complains; pictures, light and dark."""
    named = FOLDER_VARIABLE in os.environ
    pictured(town, tmp_path, list(town[1]) if named else ["overview", "state", "message"], whole=named)


@pytest.mark.long
def test_all_pictures(town: tuple[Served, dict[str, str]], tmp_path: Path) -> None:
    """The whole of every page, narrow and wide, light and dark."""
    pictured(town, tmp_path, list(town[1]), whole=True)


def test_what_strangers_write_is_text(tmp_path: Path) -> None:
    """HTML and script in every field of processes, messages, results, errors and states: nothing runs, all is text."""
    server = Served()
    try:
        tags = [(ATTACK, ATTACK), ("Description", ATTACK)]
        quoted = "[==[" + ATTACK + "]==]"
        item = server.process_item(CODE.format(attack=quoted), tags=tags, Name=ATTACK)
        assert server.send(item).status_code == 202
        process = item.id
        went = server.send(message(process, ATTACK, Action="Go", **{ATTACK: ATTACK})).json()["id"]
        strange = server.send(message(process, ATTACK, Action=ATTACK, Attack=ATTACK)).json()["id"]
        failed = server.message(process, "Fail")
        server.message(process, "Wait")
        stored = DataItem.create(ATTACK, tags={"Content-Type": "text/html", ATTACK[:1000]: ATTACK}, wallet=ALICE)
        assert server.http.post(server.urls["uploader"] + "/tx", content=bytes(stored)).status_code == 200
        wallet = ALICE.ao_address
        root = server.urls["gateway"] + "/explorer"
        eventually(lambda: "Received" in server.http.get(f"{root}/wallet?address={wallet}").text)
        pages = {
            "overview": "",
            "processes": "/processes",
            "messages": "/messages",
            "waiting": "/waiting",
            "process": f"/process/{process}",
            "state": f"/process/{process}/state?k=s.State",
            "went": f"/message/{went}",
            "strange": f"/message/{strange}",
            "failed": f"/message/{failed}",
            "stored": f"/item/{stored.id}",
            "wallet": f"/wallet?address={wallet}",
        }
        told = driven("attack.mjs", tmp_path, base=root, pages=pages, mark=MARK)
        clean = {"ran": None, "scripts": 1, "strange": 0, "outside": 0, "text": True}
        assert told == {"said": [], "found": dict.fromkeys(pages, clean)}
    finally:
        server.close()


def test_somebody_uses_it(tmp_path: Path) -> None:
    """`/` leads there, keys work, what is new appears by itself and disturbs nothing; without script all can be read."""
    server = Served()
    try:
        process = server.spawn('Supply = 5 Handlers.add("Ping", "Ping", function() end)', Name="Points")
        server.message(process, "Ping")
        told = driven(
            "using.mjs",
            tmp_path,
            lambda: server.message(process, "Fresh"),
            gateway=server.urls["gateway"],
            process=process,
        )
        assert told == {
            "said": [],
            "done": {
                "sentTo": "/explorer",
                "firstTab": "To the content",
                "slash": "q",
                "found": "Points",
                "before": 2,
                "after": 3,
                "fresh": ["Fresh"],
                "same": True,
                "open": True,
                "focus": True,
                "plainRows": 3,
                "plainState": "Supply 5",
                "plainSearch": "Search",
            },
        }
    finally:
        server.close()
