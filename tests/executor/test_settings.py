"""Where the colony is and who we are: options first, then the environment, then the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ao_runtime import InputError
from ao_runtime.colonies import gen_prvkey
from ao_runtime.executor import VARIABLES, Settings, read_variables
from tests.cli.running import ROOT

KEY = "5f" * 32


def test_what_comes_first(tmp_path: Path) -> None:
    """An option stands before the environment, and that before the file; what nobody says has its default."""
    file = tmp_path / "colony.env"
    file.write_text(
        f"# of the lab\nexport COLONIES_PRVKEY='{KEY}'\nCOLONIES_COLONY_NAME = lab\n\nCOLONIES_EXECUTOR_NAME=\"a b\"\n"
    )
    found = Settings.of(
        read_variables({"COLONIES_COLONY_NAME": "of the environment", "HOME": "/"}, str(file)), url="http://a/api"
    )
    assert found == Settings("http://a/api", "of the environment", KEY, None, "a b", "ao-runtime", None)
    assert Settings.of(read_variables({}, str(file)), colony="given", name="c").colony == "given"
    assert Settings.of(read_variables({}, str(file))).url == "http://localhost:50080/api"
    with Settings.of(read_variables({}, str(file))).client() as client:
        assert client.url == "http://localhost:50080/api"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"SERVER_HOST": "h", "SERVER_PORT": "1", "SERVER_TLS": "true"}, "https://h:1/api"),
        ({"SERVER_HOST": "h", "SERVER_TLS": "false"}, "http://h:50080/api"),
        ({"URL": "https://u/api", "SERVER_HOST": "h"}, "https://u/api"),
    ],
)
def test_urls(given: dict[str, str], url: str) -> None:
    """The server is where `COLONIES_URL` says, or host, port and TLS as ColonyOS's own tools have them."""
    variables = {f"COLONIES_{name}": value for name, value in given.items()}
    assert Settings.of(variables, colony="c", prvkey=KEY).url == url


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"COLONIES_PRVKY={KEY}", "colony.env:2: there is no COLONIES_PRVKY (did you mean COLONIES_PRVKEY?)"),
        (KEY, "colony.env:2: is no NAME=VALUE"),
        ("PATH=x", "colony.env:2: there is no PATH (the names are COLONIES_URL, "),
    ],
)
def test_lines_that_are_none(tmp_path: Path, line: str, says: str) -> None:
    """A line that makes no sense is told with its number, and never shown: it may hold a key."""
    file = tmp_path / "colony.env"
    file.write_text(f"\n{line}\n")
    with pytest.raises(InputError) as error:
        read_variables({}, str(file))
    assert says in str(error.value)
    assert KEY not in str(error.value)


def test_what_is_missing(tmp_path: Path) -> None:
    """Without a key or a colony, and with a folder that is none, it is said what to do; the keys are in no repr."""
    for variables, given, says in (
        ({}, {}, "key: there is no private key to sign with"),
        ({"COLONIES_PRVKEY": KEY}, {}, "colony: is not named"),
        ({}, {"prvkey": KEY, "colony": "c", "data": str(tmp_path / "none")}, "none is no folder"),
    ):
        with pytest.raises(InputError, match=says):
            Settings.of(variables, **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_variables({}, str(tmp_path / "none"))
    owner = gen_prvkey()
    settings = Settings.of({"COLONIES_PRVKEY": KEY, "COLONIES_COLONY_PRVKEY": owner, "COLONIES_COLONY_NAME": "c"})
    assert KEY not in repr(settings) + repr(vars(settings))
    assert owner not in repr(settings) + repr(vars(settings))


def test_they_are_documented() -> None:
    """docs/executor.md has every variable."""
    text = (ROOT / "docs/executor.md").read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"`{name}`" not in text] == []
