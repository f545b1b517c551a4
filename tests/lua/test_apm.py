"""`.apm`: a client process and a registry process, and the messages carried between them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ao_runtime import Process, Result

REGISTRY = Path(__file__).with_name("apm_registry.lua").read_text()
TRUSTED = {"Authority": "UNIT"}


@pytest.fixture
def client() -> Process:
    """A process that has the client and knows a registry."""
    process = Process.spawn(owner="alice", id="CLIENT", tags=TRUSTED)
    run(process, 'require(".apm") apm.registry = "REGISTRY"')
    return process


@pytest.fixture
def registry() -> Process:
    """A registry with two packages."""
    process = Process.spawn(code=REGISTRY, owner="bob", id="REGISTRY", tags=TRUSTED)
    publish(process, "greet", "1.0.0", "return { hello = function() return 'hello 1' end }", "says hello")
    publish(process, "greet", "1.1.0", "return { hello = function() return 'hello 2' end }", "says hello")
    publish(process, "mute", "0.1.0", "Loud = false", "")
    return process


def publish(registry: Process, name: str, version: str, source: str, description: str = "") -> None:
    """Puts a package into the registry."""
    tags = {"Action": "Publish", "Name": name, "Version": version, "Description": description}
    registry.handle(From="bob", tags=tags, data=source).raise_for_error()


def run(process: Process, code: str) -> Result:
    """An Eval that must not fail."""
    return process.eval(code).raise_for_error()


def carried(message: dict[str, Any], sender: str) -> dict[str, Any]:
    """A message of an outbox as a unit pushes it to its target."""
    tags = [*message["Tags"], {"name": "From-Process", "value": sender}]
    return {"From": sender, "Owner": "UNIT", "Data": message["Data"], "Tags": tags}


def carry(result: Result, client: Process, registry: Process) -> list[Result]:
    """Takes what the client sends to the registry, and the answers back; the results of the answers."""
    results = []
    for request in result.to_dict()["Messages"]:
        assert request["Target"] == "REGISTRY"
        taken = registry.handle(carried(request, "CLIENT")).raise_for_error()
        for answer in taken.to_dict()["Messages"]:
            assert answer["Target"] == "CLIENT"
            results.append(client.handle(carried(answer, "REGISTRY")))
    return results


def said(result: Result) -> str:
    """What was printed."""
    return result.raise_for_error().text


def install(client: Process, registry: Process, spec: str) -> str:
    """Installs and says what was printed."""
    (answer,) = carry(run(client, f'apm.install("{spec}")'), client, registry)
    return said(answer)


def answer(client: Process, data: Any, *, action: str = "APM.DownloadResponse", sender: str = "REGISTRY") -> Result:
    """An answer to the request that was sent last, made by hand."""
    reference = run(client, "return ao.reference").text
    text = data if isinstance(data, str) else json.dumps(data)
    tags = {"Action": action, "X-Reference": reference, "From-Process": sender}
    return client.handle(From=sender, Owner="UNIT", tags=tags, data=text)


def state(client: Process) -> str:
    """What would show that something was installed."""
    return run(
        client,
        "return tostring(package.loaded.greet) .. tostring(package.loaded['.greet']) .. #apm.list() .. tostring(Left)",
    ).text


def test_nothing_before_it_is_required() -> None:
    """A process that does not require `.apm` has neither the global nor the handlers."""
    process = Process.spawn(owner="alice")
    count = "return tostring(apm) .. #Handlers.list"
    before = run(process, count).text
    run(process, "require('.apm')")
    assert before == "nil2"
    assert run(process, "return type(apm) .. #Handlers.list").text == "table5"
    assert run(process, "return tostring(require('.apm') == apm)").text == "true"


@pytest.mark.parametrize("call", ["search('x')", "install('x')", "search()"])
def test_without_a_registry(call: str) -> None:
    """Who did not say which registry is told to, and nothing is sent."""
    process = Process.spawn(owner="alice")
    result = process.eval(f"require('.apm') local r = apm.{call} return r")
    assert result.error is not None
    assert '[string "aos"]:1: apm.registry is not set: give it the process id of a registry' in result.error


def test_search(client: Process, registry: Process) -> None:
    """What the registry finds is printed, one package a line."""
    (found,) = carry(run(client, 'apm.search("greet")'), client, registry)
    assert said(found) == "apm: found 1\n  greet@1.1.0  says hello"
    (nothing,) = carry(run(client, 'apm.search("zzz")'), client, registry)
    assert said(nothing) == "apm: nothing found"
    (everything,) = carry(run(client, "apm.search()"), client, registry)
    assert said(everything).splitlines()[0] == "apm: found 2"


def test_install_the_newest(client: Process, registry: Process) -> None:
    """Without a version the newest is installed; `name` and `.name` are the same module."""
    assert install(client, registry, "greet") == "apm: greet@1.1.0 is installed"
    assert run(client, "return require('greet').hello()").text == "hello 2"
    assert run(client, "return tostring(require('.greet') == require('greet'))").text == "true"


def test_install_a_version(client: Process, registry: Process) -> None:
    """With a version that one is installed; another one replaces it."""
    assert install(client, registry, "greet@1.0.0") == "apm: greet@1.0.0 is installed"
    assert run(client, "return require('greet').hello()").text == "hello 1"
    assert install(client, registry, "greet@1.1.0") == "apm: greet@1.1.0 is installed"
    assert run(client, "return require('greet').hello()").text == "hello 2"
    assert run(client, "return #apm.list() .. apm.list()[1].name .. apm.list()[1].version").text == "1greet1.1.0"


def test_a_package_that_returns_nothing(client: Process, registry: Process) -> None:
    """A package without a value is `true`, as for `require`."""
    install(client, registry, "mute")
    assert run(client, "return tostring(require('mute')) .. tostring(Loud)").text == "truefalse"


def test_unknown_package(client: Process, registry: Process) -> None:
    """What the registry says of a package that it does not have is printed."""
    assert install(client, registry, "nope") == "apm: nope: there is no such package"
    assert install(client, registry, "greet@9") == "apm: greet: there is no such package"
    assert client.get("apm.pending") == []


def test_uninstall(client: Process, registry: Process) -> None:
    """An uninstalled package cannot be required, under neither name."""
    install(client, registry, "greet")
    assert run(client, "apm.uninstall('greet')").text == "apm: greet@1.1.0 is uninstalled"
    assert run(client, "return #apm.list()").text == "0"
    assert "module 'greet' not found" in str(client.eval("require('greet')").error)
    assert "module '.greet' not found" in str(client.eval("require('.greet')").error)
    assert "apm.uninstall: greet is not installed" in str(client.eval("apm.uninstall('greet')").error)
    assert "is not installed" in str(client.eval("apm.uninstall('json')").error)
    assert run(client, "return type(require('json'))").text == "table"


def test_update(client: Process, registry: Process) -> None:
    """An update brings the newest version, and says so when that is there already."""
    install(client, registry, "greet@1.0.0")
    (updated,) = carry(run(client, "apm.update('greet')"), client, registry)
    assert said(updated) == "apm: greet@1.1.0 is installed"
    (same,) = carry(run(client, "apm.update()"), client, registry)
    assert said(same) == "apm: greet@1.1.0 is the newest"
    assert "nope is not installed" in str(client.eval("apm.update('nope')").error)


def test_the_code_has_a_name_of_its_own(client: Process, registry: Process) -> None:
    """Errors of a package's functions have positions in the package."""
    publish(registry, "broken", "1", "local m = {}\nfunction m.go()\n  error('here')\nend\nreturn m")
    install(client, registry, "broken")
    assert run(client, "return select(2, pcall(require('broken').go))").text == '[string ".broken"]:3: here'


def test_it_stays_when_loaded_again(client: Process, registry: Process) -> None:
    """A live process that loads the client anew keeps its packages and its registry."""
    install(client, registry, "greet")
    run(client, "package.loaded['.apm'] = nil package.loaded.apm = nil require('.apm')")
    assert run(client, "return #apm.list() .. apm.registry .. #Handlers.list").text == "1REGISTRY5"


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".ao", "a b", "a/b", "@/x", "a@", "@", "a@b@c", "../x", "a..b", "x" * 101, "a@1 2", "a\\n"]
)
def test_bad_names(client: Process, name: str) -> None:
    """What is no name of a package is refused before anything is sent."""
    assert 'apm.install: expected "name" or "name@version"' in str(client.eval(f'apm.install("{name}")').error)


@pytest.mark.parametrize(
    "name", ["ao", "process", "json", "string", "bint", "crypto", "crypto.digest.sha1", "apm", "_G"]
)
def test_names_of_modules(client: Process, name: str) -> None:
    """The names of the network's modules, loaded or not, are no names for packages."""
    assert f"there is a module {name} already" in str(client.eval(f'apm.install("{name}")').error)


def test_a_vendor_name(client: Process, registry: Process) -> None:
    """A name may have a vendor before it, and a version after it."""
    publish(registry, "@bob/tool", "2", "return 'tool'")
    assert install(client, registry, "@bob/tool@2") == "apm: @bob/tool@2 is installed"
    assert run(client, "return require('@bob/tool')").text == "tool"


GOOD = {"name": "greet", "version": "1", "source": "Left = true return {}"}


def test_an_answer_by_hand(client: Process) -> None:
    """The answer that the following ones spoil is good."""
    run(client, "apm.install('greet')")
    assert said(answer(client, GOOD)) == "apm: greet@1 is installed"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("no json", "apm: refused greet: the answer is no JSON object"),
        ("5", "apm: refused greet: the answer is no JSON object"),
        ({**GOOD, "name": "other"}, "apm: refused greet: the answer holds other"),
        ({**GOOD, "name": 5}, "apm: refused greet: the answer holds (number)"),
        ({**GOOD, "version": "1 2"}, "apm: refused greet: the answer has no version"),
        ({**GOOD, "version": 1}, "apm: refused greet: the answer has no version"),
        ({**GOOD, "source": 5}, "apm: refused greet: the answer has no source"),
        ({**GOOD, "source": "return ("}, 'apm: refused greet@1: [string ".greet"]:1: unexpected symbol near <eof>'),
        ({**GOOD, "source": "\x1bLua"}, "apm: refused greet@1: attempt to load a binary chunk (mode is 't')"),
    ],
)
def test_bad_answers(client: Process, data: Any, text: str) -> None:
    """A bad answer is refused with its reason; nothing is installed, nothing has run, nothing is waited for."""
    run(client, "apm.install('greet')")
    before = state(client)
    assert said(answer(client, data)) == text
    assert state(client) == before == "nilnil0nil"
    assert client.get("apm.pending") == []


def test_another_version_than_asked(client: Process) -> None:
    """An answer of another version is refused."""
    run(client, "apm.install('greet@2')")
    assert said(answer(client, GOOD)) == "apm: refused greet: the answer holds version 1"
    assert state(client) == "nilnil0nil"


def test_wrong_sender(client: Process) -> None:
    """An answer that does not come from the registry is refused, and the registry's is still waited for."""
    run(client, "apm.install('greet')")
    refused = answer(client, GOOD, sender="EVE")
    assert said(refused) == "apm: refused APM.DownloadResponse from EVE: it is not the registry"
    assert state(client) == "nilnil0nil"
    assert said(answer(client, GOOD)) == "apm: greet@1 is installed"


@pytest.mark.parametrize("action", ["APM.DownloadResponse", "APM.SearchResponse", "APM.Error"])
def test_nothing_asked(client: Process, action: str) -> None:
    """An answer to nothing is refused."""
    refused = answer(client, GOOD, action=action)
    assert said(refused) == f"apm: refused {action} from REGISTRY: nothing like it was asked for"
    assert state(client) == "nilnil0nil"


def test_another_kind_of_answer(client: Process) -> None:
    """A package is no answer to a search."""
    run(client, "apm.search('greet')")
    assert "nothing like it was asked for" in said(answer(client, GOOD))
    assert said(answer(client, {"a": 1}, action="APM.SearchResponse")).startswith("apm: refused an answer")


def test_an_answer_comes_once(client: Process) -> None:
    """The second answer to one request is refused."""
    run(client, "apm.install('greet')")
    reference = run(client, "return ao.reference").text
    assert said(answer(client, GOOD)) == "apm: greet@1 is installed"
    assert run(client, "return ao.reference").text == reference
    assert "nothing like it was asked for" in said(answer(client, {**GOOD, "source": "return 2"}))


def test_a_registry_that_changed(client: Process) -> None:
    """The one that was asked answers, even if another registry was set since."""
    run(client, "apm.install('greet') apm.registry = 'EVE'")
    assert "it is not the registry" in said(answer(client, GOOD, sender="EVE"))
    assert said(answer(client, GOOD)) == "apm: greet@1 is installed"


def test_code_that_fails_leaves_nothing(client: Process) -> None:
    """A package whose code fails is an error of the answer's evaluation: all of it is put back."""
    run(client, "apm.install('greet')")
    source = "Left = true\npackage.loaded.greet = {}\nerror('broken')"
    result = answer(client, {**GOOD, "source": source})
    assert '[string ".greet"]:3: broken' in str(result.error)
    assert state(client) == "nilnil0nil"


def test_a_module_that_came_meanwhile(client: Process) -> None:
    """A module that the process made under the name since it asked is not replaced."""
    run(client, "apm.install('greet') package.loaded.greet = 'mine'")
    assert said(answer(client, GOOD)) == (
        "apm: refused greet: there is a module of this name already, which is no package"
    )
    assert run(client, "return require('greet')").text == "mine"


def test_texts_of_strangers(client: Process) -> None:
    """What a registry writes is shown without control characters, and shortened."""
    run(client, "apm.search()")
    found = [{"name": "a\x1b[31m\nb", "version": "1", "description": "x" * 300}]
    text = said(answer(client, found, action="APM.SearchResponse"))
    assert text == "apm: found 1\n  a [31m b@1  " + "x" * 200 + "…"
