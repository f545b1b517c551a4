"""The module `ao`, beside the recorded scenarios."""

from __future__ import annotations

import pytest

from .processes import ID, MODULE, Subject, printed, tags_of

OWN_TAGS = [("Data-Protocol", "ao"), ("Variant", "ao.TN.1"), ("Type", "Message")]


@pytest.fixture
def subject() -> Subject:
    """A process that has seen its own message."""
    return Subject()


def test_one_table(subject: Subject) -> None:
    """`require('ao')`, `require('.ao')` and the global `ao` are one table."""
    assert subject.eval("return tostring(require('ao') == ao and require('.ao') == ao)") == "true"


def test_properties(subject: Subject) -> None:
    """`id`, `_module`, `_version`, `reference` and the number of authorities after the first message."""
    code = "return table.concat({ao.id, ao._module, ao._version, ao.reference, #ao.authorities}, ' ')"
    assert subject.eval(code) == f"{ID} {MODULE} 0.0.6 0 1"


def test_lists(subject: Subject) -> None:
    """The tags that are not copied to the root, and those that are not forwarded."""
    assert subject.eval("return table.concat(ao.nonExtractableTags, ' ')") == (
        "Data-Protocol Variant From-Process From-Module Type From Owner Anchor Target Data Tags Read-Only"
    )
    assert subject.eval("return table.concat(ao.nonForwardableTags, ' ')") == (
        "Data-Protocol Variant From-Process From-Module Type From Owner Anchor Target Tags TagArray Hash-Chain "
        "Timestamp Nonce Epoch Signature Forwarded-By Pushed-For Read-Only Cron Block-Height Reference Id Reply-To"
    )


def test_further_tags_are_sorted(subject: Subject) -> None:
    """Further tags are sorted by name: root keys first, then those of `Tags`; values keep their Lua type."""
    result = subject.eval_result(
        "ao.send({Target = 'T', Zeta = 1, Alpha = true, Beta = {1, 2}, Tags = {d = 'x', c = 1.5, b = 'y'}})"
    )
    assert tags_of(result["Messages"][0]) == [
        *OWN_TAGS,
        ("Reference", "1"),
        ("Alpha", True),
        ("Beta", [1, 2]),
        ("Zeta", 1),
        ("b", "y"),
        ("c", 1.5),
        ("d", "x"),
    ]


def test_many_tags_are_sorted(subject: Subject) -> None:
    """However many further tags there are, they are sorted by name."""
    result = subject.eval_result("local m = {Target = 'T'} for i = 99, 10, -1 do m['k' .. i] = i end ao.send(m)")
    assert tags_of(result["Messages"][0])[4:] == [(f"k{i}", i) for i in range(10, 100)]


def test_array_of_tags_keeps_its_order(subject: Subject) -> None:
    """An array of tags is sent as it is, with what else its tags hold."""
    result = subject.eval_result("ao.send({Tags = {{name = 'b', value = 1}, {name = 'a', value = 2, extra = 3}}})")
    assert result["Messages"][0]["Tags"][4:] == [{"name": "b", "value": 1}, {"name": "a", "value": 2, "extra": 3}]


def test_mixed_tags_are_pairs(subject: Subject) -> None:
    """A table of tags with a key that is no number is a table name → value."""
    result = subject.eval_result("ao.send({Tags = {{name = 'n', value = 'v'}, A = 1}})")
    assert tags_of(result["Messages"][0])[4:] == [(1, {"name": "n", "value": "v"}), ("A", 1)]


def test_anchor_and_from_are_ignored(subject: Subject) -> None:
    """`Anchor` and `From` of the caller are ignored: the Anchor is the reference with 32 digits."""
    result = subject.eval_result("ao.send({Target = 'T', Anchor = 'mine', From = 'me', Data = 'd'})")
    sent = result["Messages"][0]
    assert (sent["Anchor"], tags_of(sent)) == ("0" * 31 + "1", [*OWN_TAGS, ("Reference", "1")])


def test_send_returns_the_fields_and_two_functions(subject: Subject) -> None:
    """What `send` returns has the fields of what was sent, `onReply` and `receive`, which are not sent."""
    code = (
        "local t = {} for k in pairs(ao.send({Target = 'T', Data = 'd'})) "
        "do t[#t + 1] = k end return table.concat(t, ' ')"
    )
    result = subject.eval_result(code)
    assert printed(result) == ["Anchor Data Tags Target onReply receive"]
    assert sorted(result["Messages"][0]) == ["Anchor", "Data", "Tags", "Target"]


def test_ref_on_what_is_returned(subject: Subject) -> None:
    """`Ref_` can be asked of what `send` and `spawn` return, and is not sent."""
    result = subject.eval_result("return ao.send({Target = 'T'}).Ref_ .. ao.spawn('M', {}).Ref_")
    assert printed(result) == ["12"]
    assert "Ref_" not in [name for name, _ in tags_of(result["Messages"][0])]


def test_after_is_on_reply(subject: Subject) -> None:
    """`after` of what `spawn` returns is its `onReply`."""
    assert (
        subject.eval("local s = ao.spawn('M', {}) return tostring(s.after == s.onReply and s.after ~= nil)") == "true"
    )
    assert subject.eval("return type(Spawn('M', {}).after)") == "function"


def test_without_handlers_nothing_is_sent(subject: Subject) -> None:
    """Without a global `Handlers` the table goes back without its functions, and is not put in the outbox."""
    result = subject.eval_result(
        "local h = Handlers Handlers = nil local s = ao.send({Target = 'T'}) Handlers = h "
        "return tostring(s.onReply) .. #ao.outbox.Messages"
    )
    assert (printed(result), result["Messages"]) == (["nil0"], [])


def test_table_data_is_json_in_a_process(subject: Subject) -> None:
    """Table Data is JSON-encoded in the caller's table, which gets a Content-Type."""
    code = "local m = {Target = 'T', Data = {a = 1}} ao.send(m) return m.Data .. m['Content-Type']"
    assert subject.eval(code) == '{"a":1}application/json'


def test_bare_module_sends_tables(subject: Subject) -> None:
    """The bare module, loaded again, leaves table Data alone."""
    result = subject.eval_result(
        "package.loaded['.ao'] = nil package.loaded.ao = nil local bare = "
        "require('.ao') bare.send({Target = 'T', Data = {1}})"
    )
    assert result["Messages"][0]["Data"] == [1]


def test_live_upgrade(subject: Subject) -> None:
    """Loaded again over a global `ao`, the module keeps id, module, authorities, reference and outbox."""
    subject.eval("ao.send({Target = 'T'})")
    code = """
      local old = ao
      package.loaded['.ao'], package.loaded.ao = nil, nil
      ao = require('.ao')
      return tostring(ao ~= old and ao.id == old.id and ao._module == old._module and ao.authorities == old.authorities
        and ao.reference == old.reference and ao.outbox == old.outbox)
    """
    assert subject.eval(code) == "true"
    result = subject.eval_result("ao.send({Target = 'T'}) return 'alive'")
    assert (printed(result)[-1], len(result["Messages"])) == ("alive", 1)
    assert tags_of(result["Messages"][0])[3] == ("Reference", "2")


def test_init_keeps_id_and_module(subject: Subject) -> None:
    """`init` sets `id` and `_module` only while they are empty, and merges authorities without doubles."""
    code = """
      ao.init({Process = {Id = 'OTHER', Tags = {{name = 'Module', value = 'M2'},
        {name = 'Authority', value = 'A1,A2,A1'}, {name = 'Authority', value = 'A2'}}}})
      return ao.id .. ' ' .. ao._module .. ' ' .. table.concat(ao.authorities, ' ')
    """
    assert subject.eval(code) == "PROCESS MODULE AUTHORITY A1 A2"


def test_lost_authorities_come_back(subject: Subject) -> None:
    """Authorities of the process's tags that the process drops are merged again at the next message."""
    subject.eval("ao.authorities = {'MINE'}")
    assert subject.eval("return table.concat(ao.authorities, ' ')") == "MINE AUTHORITY"


def test_log(subject: Subject) -> None:
    """`log` makes an array of an Output that is a string."""
    assert subject.eval("ao.outbox.Output = 'a' ao.log('b') return table.concat(ao.outbox.Output, ' ')") == "a b"


def test_result_with_an_error(subject: Subject) -> None:
    """A result with an error has nothing else; the error of the argument comes first."""
    assert subject.eval_result("ao.outbox.Error = 'bad'") == {"Error": "bad"}
    code = (
        "ao.outbox.Error = 'one' local r = ao.result({Error = 'two', Output = 'o'}) "
        "ao.outbox.Error = nil return r.Error .. tostring(r.Output)"
    )
    assert subject.eval(code) == "twonil"


def test_result_takes_the_outbox(subject: Subject) -> None:
    """The Output may be given; Messages, Spawns and Assignments are the outbox's."""
    code = (
        "local r = ao.result({Output = 'o', Messages = 5}) return "
        "r.Output .. tostring(r.Messages == ao.outbox.Messages)"
    )
    assert subject.eval(code) == "otrue"


def test_anything_in_the_outbox(subject: Subject) -> None:
    """A process may push anything to the outbox."""
    result = subject.eval_result("ao.outbox.Messages = {'text', {A = 1}} ao.outbox.Spawns[1] = 5")
    assert (result["Messages"], result["Spawns"]) == (["text", {"A": 1}], [5])


def test_nobody_is_trusted_without_authorities(subject: Subject) -> None:
    """Without authorities nobody is trusted."""
    assert subject.eval("ao.authorities = {} return tostring(ao.isTrusted({From = 'AUTHORITY'}))") == "false"


def test_add_assignable_updates_in_place(subject: Subject) -> None:
    """A name that exists is updated in place; a pattern alone has no name."""
    code = """
      ao.addAssignable('a', 'A') ao.addAssignable('P') ao.addAssignable('a', 'B')
      return #ao.assignables .. ao.assignables[1].pattern .. tostring(ao.assignables[2].name)
    """
    assert subject.eval(code) == "2Bnil"


def test_remove_assignable(subject: Subject) -> None:
    """Unknown names and indices out of range do nothing; another type is an error."""
    code = (
        "ao.addAssignable('a', 'A') for _, x in ipairs({'b', 0, -1, 5}) do "
        "ao.removeAssignable(x) end return #ao.assignables"
    )
    assert subject.eval(code) == "1"
    assert subject.error("ao.removeAssignable({})") == "index MUST be a number"
    assert subject.error("ao.removeAssignable()") == "index MUST be a number"


def test_normalize_returns_the_message(subject: Subject) -> None:
    """`normalize` changes and returns its argument; the last of equal names wins at the root."""
    code = """
      local m = {Tags = {{name = 'A', value = '1'}, {name = 'A', value = '2'}, {name = 'Read-Only', value = 'x'}}}
      return tostring(ao.normalize(m) == m) .. m.A .. tostring(m['Read-Only'])
    """
    assert subject.eval(code) == "true2nil"


def test_non_extractable_tags_can_be_edited(subject: Subject) -> None:
    """What a process adds to `nonExtractableTags` stays out of the root from the next message on."""
    subject.eval("table.insert(ao.nonExtractableTags, 'Secret')")
    subject.eval("Handlers.add('s', 'S', function(m) print(tostring(m.Secret) .. m.Tags.Secret) end)")
    assert printed(subject.tell({"Action": "S", "Secret": "x"})) == ["nilx"]


def test_sanitize_clones(subject: Subject) -> None:
    """`sanitize` is a deep copy without the root keys that are not forwarded; functions are the same."""
    code = """
      local m = {Id = '1', a = {1}, f = print}
      local s = ao.sanitize(m)
      return tostring(s.Id) .. tostring(s.a ~= m.a and s.a[1] == 1) .. tostring(s.f == print) .. m.Id
    """
    assert subject.eval(code) == "niltruetrue1"


def test_clone_keeps_shape(subject: Subject) -> None:
    """`clone` copies keys too, and keeps shared references and metatables."""
    code = """
      local key, mt = {}, {__index = {z = 1}}
      local t = setmetatable({[key] = key, a = key}, mt)
      local c = ao.clone(t)
      local k, v = next(c)
      return tostring(k == 'a') .. tostring(c[v] == v) .. tostring(v ~= key) .. tostring(getmetatable(c) == mt) .. c.z
    """
    assert subject.eval(code) == "truetruetruetrue1"


def test_register_hint(subject: Subject) -> None:
    """A routing hint in `From-Process` is kept under the id, the newest thousand of them."""
    code = """
      for i = 1, 1005 do ao.registerHint({Tags = {['From-Process'] = 'P' .. i .. '&hint=h' .. i .. '&hint-ttl=60'}}) end
      local n = 0 for _ in pairs(ao._hints) do n = n + 1 end
      return n .. ' ' .. tostring(ao._hints.P5) .. ' ' .. ao._hints.P6.hint .. ' ' .. ao._hints.P1005.ttl
    """
    assert subject.eval(code) == "1000 nil h6 60"


def test_no_hint(subject: Subject) -> None:
    """A `From-Process` without a hint keeps nothing."""
    assert (
        subject.eval("ao.registerHint({Tags = {['From-Process'] = 'P'}}) return tostring(next(ao._hints or {}))")
        == "nil"
    )
