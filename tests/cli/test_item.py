"""`ao-run item`: items and bundles in files are shown, verified, signed and put together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ao_runtime.items import Bundle, DataItem, Wallet

from .running import COMMAND, Ran, ao_run

TARGET = "hUOaqZQFNxMKPLVApUtG4vW78M3vqxThSsrqQhNyHsQ"
WALLET = Wallet.from_ed25519(b"\x11" * 32)
OTHER = Wallet.from_ethereum("22" * 32)
ITEM = DataItem.create("Grüße\n", target=TARGET, anchor="0" * 32, tags={"Action": "Ping", "Empty": ""}, wallet=WALLET)
PLAIN = DataItem.create(b"\xff\0", wallet=OTHER)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wallet, an item, another, and bundles of both."""
    monkeypatch.chdir(tmp_path)
    WALLET.save("key.json")
    inner = Bundle.create([ITEM, PLAIN])
    for name, found in {
        "one.item": ITEM,
        "two.item": PLAIN,
        "both.bundle": inner,
        "both.item": inner.item(WALLET),
        "outer.bundle": Bundle.create([inner.item(WALLET), PLAIN]),
    }.items():
        (tmp_path / name).write_bytes(bytes(found))
    return tmp_path


@pytest.mark.usefixtures("files")
def test_show_an_item() -> None:
    """Its id, who signed, where it goes, its tags and its data."""
    assert ao_run("item", "show", "one.item") == Ran(
        0,
        f"""item    {ITEM.id}  209 bytes
  owner   {WALLET.address} (ed25519)
  target  {TARGET}
  anchor  {"0" * 32}
  Action  Ping
  Empty
  data    8 bytes: Grüße\\n
""",
        "",
    )
    assert ao_run("item", "show", "-", input=bytes(PLAIN)).out == (
        f"item    {PLAIN.id}  152 bytes\n  owner  {OTHER.ao_address} (ethereum)\n  data   <2 bytes>\n"
    )


@pytest.mark.usefixtures("files")
def test_show_bundles() -> None:
    """What is in a bundle, and in bundles in its items, stands below it."""
    ran = ao_run("item", "show", "outer.bundle")
    assert [line for line in ran.out.splitlines() if "item " in line or "bundle " in line] == [
        "bundle  2 items, 993 bytes",
        f"  item    {Bundle.parse(Path('outer.bundle').read_bytes())[0].id}  681 bytes",
        "    bundle  2 items, 521 bytes",
        f"      item    {ITEM.id}  209 bytes",
        f"      item    {PLAIN.id}  152 bytes",
        f"  item    {PLAIN.id}  152 bytes",
    ]
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.usefixtures("files")
def test_show_as_json() -> None:
    """One object with all but the data; of a bundle its items."""
    [shown] = ao_run("item", "show", "--json", "one.item").results
    assert shown == {
        "id": ITEM.id,
        "size": 209,
        "signature_type": 2,
        "signature": ITEM.signature,
        "owner": {"address": WALLET.address, "key": WALLET.owner},
        "ao_address": WALLET.address,
        "target": TARGET,
        "anchor": ITEM.anchor,
        "tags": [{"name": "Action", "value": "Ping"}, {"name": "Empty", "value": ""}],
        "data_size": 8,
    }
    [bundle] = ao_run("item", "show", "--json", "outer.bundle").results
    assert bundle["size"] == 993
    assert [item["id"] for item in bundle["items"][0]["items"]] == [ITEM.id, PLAIN.id]
    assert "items" not in bundle["items"][1]


@pytest.mark.usefixtures("files")
def test_show_the_data() -> None:
    """`--data` gives the bytes, and nothing else; a bundle has none."""
    done = subprocess.run([*COMMAND, "item", "show", "--data", "two.item"], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\xff\0", b"")
    assert ao_run("item", "show", "--data", "both.bundle") == Ran(
        2, "", "error: both.bundle: is a bundle, which has no data of its own\n"
    )


@pytest.mark.usefixtures("files")
def test_show_cannot_be_led_astray() -> None:
    """Control characters are made visible, and bundles in bundles without end are not followed."""
    made = DataItem.create("\x1b[2J", tags={"\x1b]0;x\x07": "a\x1b[1mb\nc"}, wallet=WALLET)
    Path("odd.item").write_bytes(bytes(made))
    shown = ao_run("item", "show", "odd.item").out
    assert "\x1b" not in shown
    assert "\\x1b" in shown
    bundle = Bundle.create([made])
    for _ in range(500):
        bundle = Bundle.create([bundle.item(WALLET)])
    Path("deep.bundle").write_bytes(bytes(bundle))
    for options in (["show"], ["show", "--json"]):
        assert ao_run("item", *options, "deep.bundle").code == 0
    ran = ao_run("item", "verify", "deep.bundle")
    assert ran.code == 1
    assert "there are bundles in bundles more than 16 deep" in ran.err


@pytest.mark.usefixtures("files")
def test_verify() -> None:
    """Good ones say by whom, and the exit code is 0."""
    good = f"good  {ITEM.id}  signed by {WALLET.address} (ed25519)\n"
    assert ao_run("item", "verify", "one.item") == Ran(0, good, "")
    ran = ao_run("item", "verify", "outer.bundle")
    assert [line.split("  ", 1)[0] or line.split()[0] for line in ran.out.splitlines()] == ["good"] * 4
    assert ran.out.splitlines()[1] == f"  {good[:-1]}"
    assert (ran.code, ran.err) == (0, "")
    assert ao_run("item", "verify", "--json", "one.item").results == [
        {
            "valid": True,
            "error": None,
            "items": [{"path": "", "id": ITEM.id, "ao_address": WALLET.address, "valid": True, "error": None}],
        }
    ]


@pytest.mark.usefixtures("files")
def test_verify_what_is_wrong() -> None:
    """What is not signed by its owner, or is no item at all, is told with its place; the exit code is 1."""
    raw = bytearray(Path("both.item").read_bytes())
    raw[-1] ^= 1
    Path("bad.item").write_bytes(raw)
    bad = DataItem.parse(raw)
    ran = ao_run("item", "verify", "bad.item")
    words = "is not by the owner over what the item holds"
    assert ran == Ran(
        1,
        f"BAD   {bad.id}  signature at byte 2: {words}\n"
        f"  good  {ITEM.id}  signed by {WALLET.address} (ed25519)\n"
        f"  BAD   {PLAIN.id}  data.items[1].signature at byte 531: {words}\n",
        "",
    )
    [found] = ao_run("item", "verify", "--json", "bad.item").results
    assert (found["valid"], [item["valid"] for item in found["items"]]) == (False, [False, True, False])
    Path("cut").write_bytes(raw[:50])
    told = "cut, signature at byte 2: takes 64 bytes, of which 48 are there: the item is cut short"
    assert ao_run("item", "verify", "cut") == Ran(1, "", f"error: {told}\n")
    assert ao_run("item", "verify", "--json", "cut").results == [{"valid": False, "error": told, "items": []}]
    assert ao_run("item", "show", "cut") == Ran(2, "", f"error: {told}\n")
    assert ao_run("item", "verify", "nope") == Ran(2, "", "error: nope: cannot be read: No such file or directory\n")


@pytest.mark.usefixtures("files")
def test_sign_data() -> None:
    """A file's bytes become an item, in a new file; its id is printed."""
    Path("notes.txt").write_text("notes")
    options = ["--tag", "Content-Type=text/plain", "--tag", "A=b=c", "--target", TARGET, "--anchor", "1" * 32]
    ran = ao_run("item", "sign", "notes.txt", "-w", "key.json", *options, "-o", "notes.item")
    tags = {"Content-Type": "text/plain", "A": "b=c"}
    expected = DataItem.create("notes", target=TARGET, anchor="1" * 32, tags=tags, wallet=WALLET)
    assert ran == Ran(0, f"{expected.id}\n", "")
    assert Path("notes.item").read_bytes() == bytes(expected)
    again = ao_run("item", "sign", "notes.txt", "-w", "key.json", "-o", "notes.item")
    assert again == Ran(2, "", "error: notes.item: is there already (give another name, or remove it)\n")
    assert ao_run("item", "sign", "notes.txt", "-w", "key.json", "-o", "no/where").code == 2
    [shown] = ao_run("item", "sign", "notes.txt", "-w", "key.json", "--json").results
    made = DataItem.create("notes", wallet=WALLET)
    assert (shown["id"], shown["size"], shown["ao_address"]) == (made.id, made.size, WALLET.address)
    assert len(shown["item"]) == (made.size * 4 + 2) // 3
    [written] = ao_run("item", "sign", "notes.txt", "-w", "key.json", "--json", "-o", "j.item").results
    assert written == {"id": made.id, "ao_address": WALLET.address, "size": made.size, "file": "j.item"}


@pytest.mark.usefixtures("files")
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_full_disk() -> None:
    """What could not be written whole is not left there in part."""
    Path("large").write_bytes(bytes(300_000))
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
    command = [sys.executable, "-c", limited + COMMAND[-1], "item", "sign", "large", "-w", "key.json", "-o", "x.item"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: x.item: cannot be written: File too large\n")
    assert not Path("x.item").exists()


@pytest.mark.usefixtures("files")
def test_sign_a_message() -> None:
    """With `--message` it is a message as `ao-run handle` reads one; the options are added to it."""
    message = {"Target": TARGET, "Action": "Ping", "Tags": [{"name": "X", "value": "y"}], "From": "nobody"}
    given = json.dumps(message).encode()
    done = subprocess.run(
        [*COMMAND, "item", "sign", "--message", "-w", "key.json", "--tag", "Z=1", "-"],
        input=given,
        capture_output=True,
        timeout=60,
    )
    expected = DataItem.of({**message, "Tags": [("X", "y"), ("Action", "Ping"), ("Z", "1")], "Action": None}, WALLET)
    assert (done.returncode, done.stdout, done.stderr) == (0, bytes(expected), b"")
    Path("two.jsonl").write_bytes(given + given)
    ran = ao_run("item", "sign", "--message", "-w", "key.json", "two.jsonl", "-o", "x.item")
    assert ran == Ran(2, "", "error: two.jsonl: holds 2 messages; an item is of one\n")
    Path("number.json").write_text('{"Quantity": 5}')
    ran = ao_run("item", "sign", "--message", "-w", "key.json", "number.json", "-o", "x.item")
    assert ran.err.startswith("error: Tags[0].value: must be text on the network, found the number 5")
    other = ["--target", PLAIN.id, "--anchor", "2" * 32]
    ran = ao_run("item", "sign", "--message", "-w", "key.json", "-", *other, "-o", "t.item", input=given)
    made = DataItem.parse(Path("t.item").read_bytes())
    assert (ran.out.strip(), made.target, made.raw_anchor) == (made.id, other[1], b"2" * 32)


@pytest.mark.usefixtures("files")
def test_bundle() -> None:
    """Items are put together; with a wallet the bundle becomes an item. What is not signed is not put in."""
    ran = ao_run("item", "bundle", "one.item", "two.item", "-o", "new.bundle")
    assert ran.out == f"{ITEM.id[:6]}…{ITEM.id[-3:]}  209 bytes\n{PLAIN.id[:6]}…{PLAIN.id[-3:]}  152 bytes\n"
    assert Path("new.bundle").read_bytes() == Path("both.bundle").read_bytes()
    ran = ao_run("item", "bundle", "one.item", "two.item", "-w", "key.json", "-o", "new.item")
    assert Path("new.item").read_bytes() == Path("both.item").read_bytes()
    assert ran == Ran(0, f"{DataItem.parse(Path('both.item').read_bytes()).id}\n", "")
    [shown] = ao_run("item", "bundle", "one.item", "two.item", "--json").results
    assert (shown["ids"], shown["size"]) == ([ITEM.id, PLAIN.id], 521)
    bad = bytearray(bytes(ITEM))
    bad[-1] ^= 1
    Path("bad.item").write_bytes(bad)
    ran = ao_run("item", "bundle", "one.item", "bad.item", "-o", "x.bundle")
    assert ran.err == "error: bad.item, signature at byte 2: is not by the owner over what the item holds\n"
    assert not Path("x.bundle").exists()
    ran = ao_run("item", "bundle", "one.item", "--tag", "A=b")
    assert ran.code == 2
    assert "--tag needs --wallet" in ran.err
    assert ao_run("item", "bundle").code == 2


@pytest.mark.usefixtures("files")
def test_no_bytes_for_a_terminal() -> None:
    """Bytes are not written to a terminal: that is told instead."""
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    command = [*COMMAND, "item", "sign", "one.item", "-w", "key.json"]
    done = subprocess.run(command, stdout=child, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(child)
    os.close(parent)
    told = "error: bytes are not for a terminal (-o FILE writes them to a file, > FILE too)\n"
    assert (done.returncode, done.stderr) == (2, told)
