"""The pages as a whole, and what belongs to each: headers, links, what is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ao_runtime.network import Network
from ao_runtime.units.explorer.pages import STATIC
from tests.cli.running import ROOT

from .asking import Asked, asked
from .golden import FOLDER, rendered

CODE = """
Big = {} for i = 1, 250 do Big[i] = { n = i } end
Deep = {} local t = Deep for i = 1, 50 do t.inner = {} t = t.inner end
Odd = { [true] = "yes", [1.5] = "half", [{}] = "a table", ["\\xff"] = "bytes", [-3] = "minus" }
Long = string.rep("x", 1000)
Handlers.add("Many", "Many", function(msg) for i = 1, 300 do Send({ Target = ao.id, Action = "One" }) end end)
Handlers.add("Chain", "Chain", function(msg)
  local left = tonumber(msg.Data)
  if left > 0 then Send({ Target = ao.id, Action = "Chain", Data = tostring(left - 1) }) end
end)
"""


@pytest.fixture(scope="module")
def explorer() -> Iterator[Asked]:
    """A process with a state, and what it was sent."""
    network = Network(seed="pages")
    alice = network.wallet("alice")
    process = network.spawn(code=CODE, owner=alice, name="big")
    network.spawn(ROOT / "examples/token/token.lua", owner=alice, tags={"Name": "Points"})
    alice.send(process, Action="Many")
    alice.send(process, Action="Chain", Data="70")
    with asked(network) as one:
        yield one


@pytest.fixture
def process(explorer: Asked) -> str:
    """Its id."""
    return explorer.network.found("big")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.html")))
def test_pages_are_as_they_were(golden: dict[str, str], name: str) -> None:
    """Every page of a small network is what lies in `pages/`: `python -m tests.units.explorer.golden` writes them."""
    assert golden[name] == (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def test_all_pages_are_compared(golden: dict[str, str]) -> None:
    """Nothing lies there that is not compared, and the other way round."""
    assert sorted(golden) == sorted(path.stem for path in FOLDER.iterdir())


@pytest.fixture(scope="module")
def golden() -> dict[str, str]:
    """The pages as they are now."""
    return rendered()


def test_browsers_are_sent_there(explorer: Asked) -> None:
    """Who asks `/` for a page is sent to the explorer; a client of the gateway gets what it always did."""
    answer = explorer.get("/", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (answer.status_code, answer.headers["location"]) == (302, "/explorer")
    for accept in ("*/*", "application/json", ""):
        assert explorer.get("/", Accept=accept).json()["network"] == "ao.local"


@pytest.mark.parametrize("path", ["", "/processes", "/search?q=x", "/nothing", "/static/explorer.js", "/process/x"])
def test_headers_of_every_answer(explorer: Asked, path: str) -> None:
    """A policy that lets nothing run but our own files; no other page reads it, frames it, or is told of it."""
    headers = explorer.get("/explorer" + path, Origin="http://somewhere.example").headers
    own = "localhost:4000/explorer/static/"
    assert headers["content-security-policy"] == (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src {own}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert headers["cache-control"] == ("no-store" if "static" not in path else "public, max-age=31536000, immutable")


@pytest.mark.parametrize("host", ["a; script-src *", "[::1]:4000", "x" * 200, "a'b"])
def test_no_host_writes_the_policy(explorer: Asked, host: str) -> None:
    """A `Host` that a policy could not name does not get into it."""
    policy = explorer.get("/explorer", Host=host).headers["content-security-policy"]
    assert policy.split("; ")[1] == "script-src 'self'"


def test_every_link_leads_somewhere(explorer: Asked) -> None:
    """From the first page all that can be reached is there, within 150 pages of it."""
    waiting, seen = [""], {""}
    while waiting and len(seen) < 150:
        page = explorer.page(waiting.pop(0))
        assert page.status == 200
        for link in page.links:
            if link.startswith("/raw/"):
                assert explorer.get(link).status_code == 200
                continue
            if link == "#main":
                continue
            assert link.startswith("/explorer")
            path = link.removeprefix("/explorer")
            if path not in seen:
                seen.add(path)
                waiting.append(path)


def test_all_files_are_there(explorer: Asked) -> None:
    """Style, script and icon, each with its type."""
    for name, kind in STATIC.items():
        answer = explorer.get(f"/explorer/static/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert len(answer.content) > 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/process/" + "n" * 43, 404),
        ("/process/short", 404),
        ("/process/" + "n" * 43 + "/state", 404),
        ("/process/" + "n" * 43 + "/1", 404),
        ("/process/{}/9999", 404),
        ("/process/{}/-1", 404),
        ("/process/{}/" + "9" * 5000, 404),
        ("/process/{}/state?k=s.Nothing", 404),
        ("/process/{}/state?k=q", 400),
        ("/process/{}/state?k=i.99999999999999999999", 400),
        ("/process/{}/state?k=x.zz", 400),
        ("/process/{}/state?k=s." + "y" * 2000, 400),
        ("/process/{}/state?" + "&".join(["k=s.a"] * 40), 400),
        ("/process/{}/state?first=x", 400),
        ("/process/{}?before=x", 400),
        ("/message/" + "n" * 43, 404),
        ("/item/" + "n" * 43, 404),
        ("/wallet", 400),
        ("/wallet?address=" + "a" * 1001, 400),
        ("/search?q=" + "a" * 301, 400),
        ("/processes?page=x", 400),
        ("/static/..%2fapp.py", 404),
        ("/static/base.html", 404),
        ("/%00", 404),
    ],
)
def test_what_is_not_there_is_a_page_too(explorer: Asked, process: str, path: str, status: int) -> None:
    """With the status, the reason, and a way back."""
    page = explorer.page(path.format(process))
    assert page.status == status
    assert page.links[-1] == "/explorer"


def test_it_only_reads(explorer: Asked, process: str) -> None:
    """Nothing but GET and HEAD is answered, and no page changes anything of a process."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert explorer.get("/explorer", method).status_code == 405
        assert explorer.get(f"/explorer/process/{process}", method).status_code == 405
    before = explorer.network.process(process).fork().snapshot()
    for path in ("", "/state", "/state?k=s.Odd", "/1"):
        assert explorer.page(f"/process/{process}{path}").status == 200
    assert explorer.network.process(process).fork().snapshot() == before
    assert explorer.get("/explorer", "HEAD").status_code == 200


def test_a_state_is_gone_through(explorer: Asked, process: str) -> None:
    """Tables have pages of 100 entries; what is deep is a link further; odd keys are shown, and stop where they must."""
    page = explorer.page(f"/process/{process}/state?k=s.Big&first=100")
    assert "250 entries, 101 to 200 shown" in page.text
    assert "101 1 entry n 101" in page.text
    assert [link for link in page.links if "first=200" in link] == [
        f"/explorer/process/{process}/state?k=s.Big&first=200"
    ]
    path, depth = f"/process/{process}/state?k=s.Deep", 0
    while "look inside" in (page := explorer.page(path)).text:
        path = page.links[-1].removeprefix("/explorer")
        depth += 1
        assert depth < 20
    # A path ends sooner than this table does.
    assert page.text.count("inner") > 5
    odd = explorer.page(f"/process/{process}/state?k=s.Odd")
    for text in ('-3 "minus"', '1.5 "half"', '"bytes"', 'true "yes"', '(table) "a table"'):
        assert text in odd.text
    assert '"minus"' in explorer.page(f"/process/{process}/state?k=s.Odd&k=i.-3").text
    assert '"bytes"' in explorer.page(f"/process/{process}/state?k=s.Odd&k=x.ff").text
    assert "1 kB" in explorer.page(f"/process/{process}/state?k=s.Long").text


def test_a_tree_has_an_end(explorer: Asked, process: str) -> None:
    """Of 300 messages 200 rows are shown, of a chain of 70 the first 50; from there it goes on. Sent ones are 50."""
    wide = explorer.page(f"/process/{process}/1")
    assert len([1 for tag, _ in wide.elements if tag == "li"]) == 200
    assert "There is more" in wide.text
    assert "and 250 more" in wide.text
    number = next(
        one.number for one in explorer.network.process(process).evaluations if one.item and one.item.data == b"70"
    )
    deep = explorer.page(f"/process/{process}/{number}")
    assert len([1 for tag, _ in deep.elements if tag == "li"]) == 51
    assert "There is more" in deep.text
    last = deep.links[-1].removeprefix("/explorer")
    assert "It comes of" in explorer.page(last).text


def test_search(explorer: Asked, process: str) -> None:
    """By id, name in any case, tag, Action, and an address that nobody has."""
    root = "/explorer"
    message = explorer.network.process(process).evaluations[1].item
    assert message is not None
    assert explorer.get(f"{root}/search?q={process}").headers["location"] == f"{root}/process/{process}"
    assert explorer.get(f"{root}/search?q=%20{message.id}").headers["location"] == f"{root}/process/{process}/1"
    nobody = "z" * 43
    assert explorer.get(f"{root}/search?q={nobody}").headers["location"] == f"{root}/wallet?address={nobody}"
    ether = "0x" + "Ab" * 20
    assert explorer.get(f"{root}/search?q={ether}").headers["location"] == f"{root}/wallet?address={ether}"
    assert f"{root}/process/{process}" in explorer.page("/search?q=BI").links
    assert "Many #1" in explorer.page("/search?q=Action%3DMany").text
    assert "Many #1" in explorer.page("/search?q=Many").text
    assert "No message has that tag" in explorer.page("/search?q=Action%3DNobody").text


def test_pages_of_many(explorer: Asked, process: str) -> None:
    """A process's messages come 50 at a time, without a gap and without one twice."""
    total = len(explorer.network.process(process).evaluations)
    path, found = f"/process/{process}", []
    while path:
        page = explorer.page(path)
        found += [
            attributes["data-key"] for tag, attributes in page.elements if tag == "tr" and "data-key" in attributes
        ]
        older = [attributes["href"] for tag, attributes in page.elements if attributes.get("rel") == "next"]
        path = (older[0] or "").removeprefix("/explorer") if older else ""
    assert found == [f"{process}/{number}" for number in reversed(range(total))]
