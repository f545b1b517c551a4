"""What strangers write, in every field: a page has the same elements whatever it is, and shows it as text."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ao_runtime.models import harmless, plain
from ao_runtime.network import Network
from ao_runtime.units.explorer.states import state_tree
from ao_runtime.units.explorer.text import cut, line, preview

from .asking import Asked, asked

#: What escapes from an attribute, from text, from a comment, from a template; and what moves or hides text.
NASTY = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "</title></pre></textarea><svg onload=alert(1)>",
        "<!--",
        "]]>",
        "&lt;b&gt;",
        "{{ 7 * 7 }}{% raw %}",
        "javascript:alert(1)",
        "\u202egnp.exe",
        "\x00\x1b[31m",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "' onmouseover='alert(1)",
    ]
)
TEXTS = st.one_of(NASTY, st.text(min_size=1, max_size=40), st.tuples(NASTY, st.text(max_size=10)).map("".join))
CODE = """
Handlers.add("Say", function(msg) return msg.Tags.Do == "Say" end, function(msg)
  Kept = { [msg.Data] = { [msg.Data] = msg.Data } }
  print(msg.Data)
  Send({ Target = msg.Data, Action = msg.Data, Data = msg.Data, Tagged = msg.Data })
end)
Handlers.add("Fail", function(msg) return msg.Tags.Do == "Fail" end, function(msg) error(msg.Data) end)
"""


@pytest.fixture(scope="module")
def explorer() -> Iterator[Asked]:
    """A process that says what it is told."""
    network = Network(seed="attacks")
    network.spawn(code=CODE, owner="alice", name="parrot")
    with asked(network) as one:
        yield one


def sent(explorer: Asked, what: str, text: str) -> int:
    """The number of the evaluation of a message with a text in every field."""
    network = explorer.network
    tags = [("Do", what), ("Action", text), ("Other", text), (text, text)]
    found = network.send("alice", "parrot", Tags=[{"name": name, "value": value} for name, value in tags], Data=text)
    return found.evaluation.number


@settings(max_examples=25)
@given(TEXTS)
def test_the_same_elements_whatever_is_said(explorer: Asked, text: str) -> None:
    """Nothing that is said adds an element or an attribute, and what links there are lead to pages of ours."""
    network = explorer.network
    process = network.found("parrot")
    for what in ("Say", "Fail"):
        number = sent(explorer, what, text)
        plain = sent(explorer, what, "harmless")
        page, other = explorer.page(f"/process/{process}/{number}"), explorer.page(f"/process/{process}/{plain}")
        assert page.status == other.status == 200
        # A text of blanks only is not shown, an empty name has no link: all else is the same.
        allowed = set(other.shape) | set(explorer.page(f"/process/{process}/0").shape)
        assert {one for one in page.shape if one not in allowed} == set()
        assert all(link.startswith(("/explorer", "/raw/", "#main")) for link in page.links)
        if text.strip():
            assert line(text, 60) in page.text or not line(text, 60)
    state = explorer.page(f"/process/{process}/state?k=s.Kept")
    assert state.status == 200
    assert not [one for one in state.elements if one[0] in ("img", "script", "svg", "style") and one[1].get("onerror")]
    assert sum(tag == "script" for tag, _ in state.elements) == 1


@settings(max_examples=40)
@given(TEXTS)
def test_the_same_elements_whatever_is_asked(explorer: Asked, text: str) -> None:
    """What stands in the address gets into a page as text only."""
    for path in ("/search?q=", "/wallet?address=", "/process/x?k=", "/nothing/"):
        page = explorer.page(path + urllib.parse.quote(text.encode("utf-8", "replace"), safe=""))
        assert page.status in (200, 400, 404)
        if page.answer.headers["content-type"].startswith("application/json"):
            # What is no path of ours at all (it has more than a line) is answered as by any unit.
            continue
        assert {tag for tag, _ in page.elements} <= {
            *"html head meta title link script body a header div img span form label input kbd nav main h1 h2 p".split(),
            *"footer section ul li b code table thead tbody tr th td time".split(),
        }
        assert sum(tag == "script" for tag, _ in page.elements) == 1
        assert all(link.startswith(("/explorer", "#main")) for link in page.links)


@given(st.text(max_size=200), st.integers(1, 60))
def test_texts_are_cut_and_harmless(text: str, most: int) -> None:
    """No longer than they may be but for what makes hidden characters visible; nothing is left that moves or hides."""
    shown = cut(text, most)
    assert shown.removesuffix("…") == harmless(plain(text[:most])).removesuffix("…")
    assert "\n" not in line(text)
    assert not {"\u202e", "\x1b", "\x00", "\u200b"} & {*shown}


@given(st.binary(max_size=500))
def test_any_data_has_a_preview(data: bytes) -> None:
    """Text as text, anything else in hexadecimal, never more than a page holds."""
    told = preview(data)
    try:
        data.decode()
        assert not told["binary"]
    except UnicodeDecodeError:
        assert told["binary"]
        assert bytes.fromhex(told["text"]) == data[:256]
        assert told["cut"] == (len(data) > 256)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["kind", "text", "size", "items", "key", "value", "more", "x"]), inner, max_size=6
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_a_child_may_tell_anything(told: object) -> None:
    """What a child tells of a state, in which a stranger's code has run, is shown as far as it makes sense."""
    assert state_tree("p" * 43, [], 0, told)["way"] == [
        {"name": "globals", "href": f"/explorer/process/{'p' * 43}/state"}
    ]
