"""Traces as a page: whole outputs, safe to open whatever a process wrote; looked at by a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import struct
import subprocess
import zlib
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ao_runtime import Process
from ao_runtime.testing import Trace, trace, trace_html, why, why_html
from tests.testing.hostile import HOSTILE

BODY = """\
<h1>One</h1>
<article>
<h2><code>[{gas}] P.T(From=bob)</code></h2>
<h3>Handlers</h3><ul>
<li class="no"><span class="m">✗</span><strong>_eval</strong>
<span class="dim"> does not match</span>
<p class="why">Action = &quot;Eval&quot;: no, it is &quot;T&quot;</p>
</li>
<li class="no"><span class="m">✗</span><strong>low</strong>
<span class="dim"> does not match</span>
<p class="why">Action = &quot;t&quot;: no, it is &quot;T&quot;</p>
<p class="hint">letter case counts here</p>
</li>
<li class="took"><span class="m">✓</span><strong>h</strong>
<span class="dim"> took it</span><span class="dim">, {took} instructions</span>
<p class="why">Action = &quot;T&quot;: yes</p>
<pre>&lt;b&gt;</pre>
</li>
</ul>
<h3>Globals</h3><ul>
<li class="changed"><code>~\u00a0X: 1 → 2</code></li>
</ul>
<details><summary>The message</summary><pre>Id = &quot;{id}&quot;
From = &quot;bob&quot;
Owner = &quot;bob&quot;
Target = &quot;{target}&quot;
Timestamp = 1700000000001
Block-Height = 1000000</pre></details>
</article>"""


def process(code: str) -> Process:
    """A process called P."""
    return Process.spawn(code=code, tags={"Name": "P"}, owner="alice")


def one() -> Trace:
    """A trace with something of each kind."""
    code = """X = 1 Handlers.add("low", "t", print) Handlers.add("h", "T", function() print("<b>") X = 2 end)"""
    return trace(process(code), From="bob", Action="T")


def test_a_page() -> None:
    """The body of a page holds all that is known, as mark-up that nothing in it can leave."""
    told = one()
    page = trace_html(told, "One")
    (message,) = told.messages
    took = message.handlers[-1].instructions
    body = BODY.format(gas=message.instructions, took=took, id=message.message, target=message.process)
    assert page[page.index("<h1>") : page.index("\n</body>")] == body


WHY = """\
<h1>Why</h1>
<article>
<h2>T from bob</h2>
<p>Handler <strong>h</strong> takes it.</p>
<h3>Handlers</h3><ul>
<li class="no"><span class="m">✗</span><strong>_eval</strong>
<span class="dim"> does not match</span>
<p class="why">Action = &quot;Eval&quot;: no, it is &quot;T&quot;</p>
</li>
<li class="takes"><span class="m">✓</span><strong>h</strong>
<span class="dim"> would take it</span>
<p class="why">Action = &quot;T&quot;: yes</p>
</li>
<li class="late"><span class="m">·</span><strong>f</strong>
<span class="dim"> comes too late</span>
<p class="why">function (aos:2) says yes</p>
<details><summary>Its pattern</summary><pre>aos:2: Handlers.add(&quot;f&quot;, function() return true end, print)</pre></details>
</li>
</ul>
</article>"""


def test_a_page_of_why() -> None:
    """The answer of `why` as a page."""
    code = 'Handlers.add("h", "T", print)\nHandlers.add("f", function() return true end, print)'
    page = why_html(why(process(code), From="bob", Action="T"))
    assert page[page.index("<h1>") : page.index("\n</body>")] == WHY


class Elements(HTMLParser):
    """The elements of a page, and all of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.depth = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.names.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.depth += tag != "meta"

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self.depth -= 1


KNOWN = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "article", "code", "ul", "li", "span"}
KNOWN |= {"strong", "p", "pre", "details", "summary"}
ATTRIBUTES = {("html", "lang"), ("meta", "charset"), ("meta", "http-equiv"), ("meta", "content"), ("meta", "name")}
ATTRIBUTES |= {("li", "class"), ("span", "class"), ("p", "class"), ("article", "class")}


def check(page: str) -> None:
    """Nothing runs and nothing is loaded: no element and no attribute but our own, and all of them end."""
    found = Elements(page)
    assert found.names <= KNOWN
    assert found.attributes <= ATTRIBUTES
    assert found.depth == 0
    assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_write_is_text(text: str) -> None:
    """Names, tags, prints, errors, globals and owners that are mark-up, or escapes, stay text."""
    quoted = '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'
    code = f"""
    Handlers.add({quoted}, {{ Action = {quoted}, [{quoted}] = {quoted} }}, print)
    Handlers.add({quoted} .. "2", function() return "continue" end, function(msg)
      print({quoted}) _G[{quoted}] = {quoted} Send({{ Target = {quoted}, Action = {quoted}, Data = {quoted} }})
    end)
    Handlers.add("fails", "Fail", function() error({quoted}) end)
    """
    told = process(code)
    for action in (text, "Fail"):
        message = {"From": text, "Owner": text, "Action": action, "Tags": {text or "x": text}}
        check(trace_html(trace(told, message), text))
        check(why_html(why(told, message), text))
        check(why_html(why(told, {**message, "Owner": "other"}), text))


@given(st.text(max_size=30))
def test_any_title_is_text(text: str) -> None:
    """Whatever a title is, it is text."""
    check(trace_html([], text))


def browser() -> str:
    """A browser without a window: Debian's chromium, installed where we may. Skips where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", "chromium"],
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=300,
            )
        found = shutil.which("chromium")
    if found is None:
        pytest.skip("no browser: chromium is not installed, and cannot be")
    return found


def shown(page: Path, *options: str) -> bytes:
    """What the browser makes of a page: its document, or nothing where a picture is asked for."""
    done = subprocess.run(
        [
            browser(),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={page.parent / 'profile'}",
            *options,
            page.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_in_a_browser(tmp_path: Path) -> None:
    """A browser takes our style, runs nothing of what a process wrote, and fits the page into a phone, light and dark."""
    attack = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    code = f"Handlers.add([==[{attack}]==], 'T', function() print([==[{attack}]==]) X = [==[{attack}]==] end)"
    page = tmp_path / "trace.html"
    page.write_text(trace_html(trace(process(code), From=attack, Action="T", Long="x" * 300), attack), encoding="utf-8")
    document = shown(page, "--dump-dom").decode()
    assert "<title>&lt;script&gt;" in document
    assert "<img" not in document
    check(re.sub(r"\s*<!doctype html>\s*", "", document, flags=re.IGNORECASE))
    for width in (390, 1280):
        assert widest(page, width) <= width
        for scheme, paper in ((0, (20, 23, 29)), (1, (251, 251, 249))):
            picture = tmp_path / f"{width}-{scheme}.png"
            shown(
                page,
                f"--blink-settings=preferredColorScheme={scheme}",
                f"--window-size={width},900",
                f"--screenshot={picture}",
            )
            assert corner(picture) == paper


def widest(page: Path, width: int) -> int:
    """How wide a page is in a frame of so many pixels: more, where something sticks out."""
    around = page.with_name("frame.html")
    around.write_text(
        f"""<!doctype html><meta charset="utf-8"><iframe id="f" width="{width}" height="800" style="border:0"
        srcdoc="{escape(page.read_text(encoding="utf-8"))}"></iframe><p id="m"></p><script>
        f.onload = () => {{ m.textContent = "width:" + f.contentDocument.documentElement.scrollWidth }}</script>""",
        encoding="utf-8",
    )
    found = re.search(rb"width:(\d+)", shown(around, "--virtual-time-budget=5000", "--dump-dom").split(b"<p id=")[1])
    assert found is not None
    return int(found[1])


def corner(picture: Path) -> tuple[int, int, int]:
    """The colour of the first pixel of a PNG."""
    data, at, pixels = picture.read_bytes(), 8, b""
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"IDAT":
            pixels += data[at + 8 : at + 8 + length]
        at += 12 + length
    # The first byte of a line is its filter; the first pixel has nothing beside it or above.
    red, green, blue = zlib.decompress(pixels)[1:4]
    return red, green, blue
