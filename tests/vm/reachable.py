"""Every function that a process can reach, by the path to it, and arguments that it takes: what attacks are generated from.

A function that is not here has no case: `test_generated_attacks.py` fails until it is given one.
"""

from __future__ import annotations

#: Lua that makes F, from paths to functions: all that the globals and the modules lead to.
FIND = r"""
local seen, names = {}, {}
F = {}
local function walk(t, path)
  if seen[t] then return end
  seen[t] = true
  local keys = {}
  for k in pairs(t) do if type(k) == "string" then keys[#keys + 1] = k end end
  table.sort(keys)
  for _, k in ipairs(keys) do
    local v, name = rawget(t, k), path .. k
    if type(v) == "function" and not seen[v] then
      seen[v] = true
      names[#names + 1], F[name] = name, v
    elseif type(v) == "table" and v ~= F then
      walk(v, name .. ":")
    end
  end
  local m = getmetatable(t)
  if type(m) == "table" then walk(m, path .. "@") end
end
for _, name in ipairs({ "string", "table", "math", "utf8", "coroutine", "debug", "io", "os", "bit32" }) do
  walk(_G[name], name .. ":")
end
for _, name in ipairs({ "json", ".base64", ".bint", ".chance", ".crypto", ".dump", ".pretty", ".stringify", ".utils",
  ".apm", "lsqlite3", ".handlers", ".handlers-utils", ".ao", ".assignment" }) do
  local m = require(name)
  if type(m) == "table" then walk(m, name .. ":")
  elseif not seen[m] then
    seen[m], F[name] = true, m
    names[#names + 1] = name
  end
end
local database = require("lsqlite3").open_memory()
walk({ bint = require(".bint")(256), database = getmetatable(database), statement = getmetatable(database:prepare("select ?")) }, "")
walk(_G, "")
return table.concat(names, "\n")
"""

#: Arguments that functions take, and those functions.
CASES = {
    "'abc', '%a', 'x', 2": """string: byte char dump find format gmatch gsub len lower match pack packsize rep reverse sub
        unpack upper""",
    "{ 3, 1, 2 }, 1, 2, 1": "table: concat insert move pack remove sort unpack",
    "7, 2": """math: abs acos asin atan ceil cos cosh deg exp floor fmod frexp ldexp log log10 max min modf pow rad random
        randomseed sin sinh sqrt tan tanh tointeger type ult""",
    "5, 3, 2": "bit32: arshift band bnot bor btest bxor extract lrotate lshift replace rrotate rshift",
    "'ab', 1, 2": "utf8: char codepoint codes len offset",
    "print, 'x', 1": "coroutine: create isyieldable resume running status wrap yield",
    "print, 1, print, 1": """debug: debug gethook getinfo getlocal getmetatable getregistry getupvalue getuservalue sethook
        setlocal setmetatable setupvalue setuservalue traceback upvalueid upvaluejoin""",
    "'/data/x', 'r', 'a'": """io: close flush input lines open output popen read stderr:@__index:close
        stderr:@__index:flush stderr:@__index:lines stderr:@__index:read stderr:@__index:seek stderr:@__index:setvbuf
        stderr:@__index:write stderr:@__tostring tmpfile type write""",
    "'%c', 1": "os: clock date difftime execute exit getenv remove rename setlocale time tmpname",
    "'[1]', 1": "json: decode encode",
    "'YWJj', 1": ".base64: decode encode makedecoder makeencoder",
    "1, 9": ".chance: integer random seed",
    "256": ".bint",
    "{ 1, 2 }, 1": """.dump .pretty:tprint .stringify:format .stringify:isSimpleArray .assignment:init
        package:loaded:.boot package:loaded:.default package:loaded:.eval package:loaded:.process:handle
        package:loaded:.process-failure:lines package:loaded:.process-failure:report package:loaded:.process-failure:text
        package:loaded:.process-globals:install package:loaded:.process-message:equip
        package:loaded:.process-message:normalise package:loaded:.process-message:seed
        package:loaded:.process-message:split_tags""",
    "'abc', 'abcdefghijklmnop', 'abcdefghijklmnop'": """.crypto: cipher:aes:decrypt cipher:aes:encrypt
        cipher:issac:decrypt cipher:issac:encrypt cipher:issac:getRandom cipher:issac:getRandomChar cipher:issac:random
        cipher:issac:seedIsaac cipher:morus:decrypt cipher:morus:encrypt cipher:morus:state_update cipher:norx:decrypt
        cipher:norx:encrypt digest:blake2b digest:keccak256 digest:keccak512 digest:md2 digest:md4 digest:md5 digest:sha1
        digest:sha2_256 digest:sha2_512 digest:sha3_256 digest:sha3_512 kdf:pbkdf2 mac:createHmac utils:hex:hexToString
        utils:hex:stringToHex utils:queue utils:stream:fromHex utils:stream:fromString utils:array:fromHex
        utils:array:fromString""",
    "{ 1, 2, 3 }, { 3, 2, 1 }": """.crypto: utils:array:XOR utils:array:concat utils:array:copy utils:array:fromStream
        utils:array:permute utils:array:readFromQueue utils:array:size utils:array:slice utils:array:substitute
        utils:array:toHex utils:array:toStream utils:array:toString utils:array:truncate utils:array:writeToQueue
        utils:stream:fromArray utils:stream:toArray utils:stream:toHex utils:stream:toString""",
    "'abc'": """package: loaded:.crypto.digest.sha1:SHA1 loaded:.crypto.digest.sha2_256:SHA2_256
        loaded:.crypto.kdf.pbkdf2:PBKDF2 loaded:.crypto.mac.hmac:HMAC loadlib searchpath""",
    "function(x) return x end, { a = 1, 'b' }, { 1 }": """.utils: capitalize compose concat curry filter find includes keys
        map matchesPattern matchesSpec normalize prop propEq reduce reverse values""",
    "'name', '1.0'": ".apm: install list search uninstall update",
    "'x', 1": """lsqlite3: __newindex backup_init complete lversion open open_memory open_ptr temp_directory version""",
    "'n', 'a', print": """.handlers: add after append before evaluate generateResolver once prepend receive remove
        utils:continue utils:hasMatchingData utils:hasMatchingTag utils:hasMatchingTagOf utils:reply""",
    "{ Target = 'x', Tags = { { name = 'a', value = 'b' } } }, { Process = { Id = 'p', Tags = {} } }": """.ao:
        addAssignable assign clearOutbox clone init isAssignable isAssignment isTrusted log normalize registerHint
        removeAssignable result sanitize send spawn""",
    "B, 3, 2": """bint:
        __add __band __bnot __bor __bxor __div __eq __idiv __le __lt __mod __mul __pow __shl __shr __sub
        __tostring __unm _abs _add _assign _band _bnot _bor _bxor _dec _inc _shlone _shlwords _shrone
        _shrwords _sub _unm abs brol bror bwrap ceil dec eq floor frombase frombe frominteger fromle
        fromstring fromuinteger idivmod inc ipow isbint iseven isintegral isminusone isneg isnumeric isodd
        isone ispos iszero max maxinteger min mininteger new one parse tdiv tdivmod tmod tobase tobe tobint
        tointeger tole tonumber touinteger trunc type udiv udivmod ule ult umod upowmod zero @__call""",
    "D, 'select 1', print, 1": """database: __newindex __tostring busy_handler busy_timeout changes close close_vm commit_hook
        create_aggregate create_collation create_function db_filename errcode errmsg exec get_ptr interrupt isopen
        last_insert_rowid load_extension nrows prepare progress_handler rollback_hook rows total_changes trace update_hook
        urows""",
    "Q, 1, 'x'": """statement: __tostring bind bind_blob bind_names bind_parameter_count bind_parameter_name bind_values
        columns data finalize get_name get_named_types get_names get_type get_types get_unames get_utypes get_uvalues
        get_value get_values isopen last_insert_rowid nrows reset rows step urows""",
    "'x', 1, 2": """Assign Prompt Receive Send Spawn Tab Version assert collectgarbage dofile error getmetatable ipairs load
        loadfile next pairs pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type
        xpcall""",
}


def cases() -> dict[str, str]:
    """Path of a function → arguments."""
    found: dict[str, str] = {}
    for arguments, names in CASES.items():
        first, *rest = names.split()
        library = first if first.endswith(":") else ""
        found.update({library + name: arguments for name in (rest if library else (first, *rest))})
    return found
