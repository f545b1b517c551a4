"""A scheduler's pages from files: a process's history, evaluated again."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ao_runtime.cli.documents import read_messages

from ..models.test_scheduled import node, page
from .running import ao_run


def test_a_page(tmp_path: Path) -> None:
    """A page's first node is the process's own message; each node has its line."""
    file = tmp_path / "page.json"
    file.write_text(json.dumps(page()))
    ran = ao_run("handle", "--json", str(file))
    assert (ran.code, [[message["Data"] for message in result["Messages"]] for result in ran.results]) == (
        0,
        [[], ["bob 1one"], ["Q 2two"]],
    )


def test_pages_and_nodes(tmp_path: Path) -> None:
    """Pages, edges and nodes may stand in one file, and with the process's code from another one."""
    (tmp_path / "p.lua").write_text("Handlers.add('p', 'Ping', function(msg) print(msg.Nonce .. '') end) return")
    own = node(0, {"Type": "Process", "Authority": "mu"}, " ")
    lines = [{"node": own, "cursor": "0"}, node(1, {"Action": "Ping"}), {**page(), "edges": page()["edges"][2:]}]
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    ran = ao_run("handle", "-p", str(tmp_path / "p.lua"), "--json", str(file))
    assert (ran.code, [result["Output"]["data"] for result in ran.results]) == (0, ["", "1", "2"])


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    """What is wrong in a node is told with the file and the line of it."""
    broken = page()
    broken["edges"][1]["node"]["assignment"]["tags"][2]["value"] = "x"
    file = tmp_path / "page.json"
    file.write_text(json.dumps(broken, indent=1))
    ran = ao_run("handle", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {file}:")
    assert "assignment.tags['Nonce']: must be a number, found 'x'" in ran.err
    file.write_text('{"page_info": {}, "edges": [{"node": 5}]}')
    assert "edges[0]: holds no node" in ao_run("handle", str(file)).err


def test_a_large_page(tmp_path: Path) -> None:
    """A page is gone over once, however many nodes it has; the line of each is told."""
    large = {**page(), "edges": [{"node": node(0, {"Type": "Process"}, " ")}]}
    large["edges"] += [{"node": node(number, {"Action": "Ping"})} for number in range(1, 3000)]
    file = tmp_path / "page.json"
    text = json.dumps(large, indent=1)
    file.write_text(text)
    began = time.process_time()
    given = read_messages(str(file))
    assert time.process_time() - began < 3  # 18 s where each node is looked for from the start
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == '"node": {']
    assert [one.line for one in given] == starts
