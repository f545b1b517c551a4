--- Functions as what can be written down: a text that was compiled, and which function of it.
--
-- Byte code is read here that our own Lua has made, never any that was kept: a function is made anew by compiling its
-- text again, taking it out of the byte code of that, and giving it its upvalues.

local vm = ...

local error, pcall = error, pcall
local unpack, pack, sub, dump, match, find =
  string.unpack, string.pack, string.sub, string.dump, string.match, string.find
local concat = table.concat
local tointeger = math.tointeger
local getinfo = debug.getinfo

local prototypes = {}

local bytecode = vm.bytecode
local FIRST, skip_string, functions_of = bytecode.FIRST, bytecode.skip_string, bytecode.functions

local PLACES, PLACE = "<I4I4I4I4I4", 20

--- The functions of a module of ours: read once, and remembered outside of the VM.
local function functions_of_module(name, code)
  local places = vm.recall(name)
  local found = {}
  if places then
    for i = 1, #places // PLACE do
      local body, stop, upvalues, upvalues_at, named = unpack(PLACES, places, PLACE * (i - 1) + 1)
      found[i] = { body = body, stop = stop, upvalues = upvalues, upvalues_at = upvalues_at, named = named }
    end
    return found
  end
  found = functions_of(code)
  local parts = {}
  for i = 1, #found do
    local f = found[i]
    parts[i] = pack(PLACES, f.body, f.stop, f.upvalues, f.upvalues_at, f.named)
  end
  vm.remember(name, concat(parts))
  return found
end

--- What tells a function from all others but its own copies: its chunk's name and its code.
local function identity_of(f)
  return sub(dump(f), FIRST)
end

--- The same for all functions of a text, by their ordinals.
local function identities_of(text)
  local code, functions, identities = text.code, text.functions, {}
  local source = sub(code, FIRST, skip_string(code, FIRST) - 1)
  for ordinal = 1, #functions do
    identities[ordinal] = source .. sub(code, functions[ordinal].body, functions[ordinal].stop)
  end
  return identities
end

-- Texts --------------------------------------------------------------------------------------------------------------

-- A text is {source, chunk} for what a process had compiled, {own} for a module of ours. Once it has been looked
-- through it also has `code` and `functions`.

--- Texts that have been looked through, in the order in which they came.
local looked = {}
--- Identity of a function → {text, ordinal, upvalues}.
local known = {}

--- The chunk name of what `.bint` generates for numbers of some words. It is as trusted as the module.
local KERNEL = ".bint"

--- The byte code of a text, and its functions.
local function look(text)
  local code
  local words = text.own and match(text.own, "^bint#(%d+)$")
  if words then
    local f = vm.recompile(text.source or vm.kernel_source(tointeger(words)), KERNEL)
    code = dump(f)
  elseif text.own then
    code = vm.chunk(text.own)
    if not code then
      error("was made by another version of ao_runtime", 0)
    end
    text.code, text.functions = code, functions_of_module(text.own, code)
    return text
  else
    local f, problem = vm.recompile(text.source, text.chunk)
    if not f then
      error("does not compile: " .. problem, 0)
    end
    code = dump(f)
  end
  text.code, text.functions = code, functions_of(code)
  return text
end

--- Texts whose functions are not in `known` yet.
local later = {}

--- Adds a text; its functions are made known when one is asked for.
function prototypes.add(text)
  later[#later + 1] = look(text)
end

--- A digest of the byte code of a text.
function prototypes.digest(text)
  return vm.digest(text.code)
end

--- The chunk name of a module of ours.
function prototypes.source(name)
  return name == "json" and name or "." .. match(name, "^[^#]*")
end

local function index(text)
  if not text.code then
    look(text)
  end
  local identities = identities_of(text)
  for ordinal = 1, #identities do
    local identity = identities[ordinal]
    if not known[identity] then
      known[identity] = { text = text, ordinal = ordinal, upvalues = text.functions[ordinal].named }
    end
  end
  looked[#looked + 1] = text
end

local own_texts = {}

--- The module of ours whose chunk has this name, looked through; nil if none has.
local function own_text(source)
  local text = own_texts[source]
  if text == nil then
    text = vm.own[source] and { own = sub(source, 1, 1) == "." and sub(source, 2) or source } or false
    own_texts[source] = text
    if text then
      index(text)
    end
  end
  return text
end

--- Looks through the next text that a process had compiled since; false when there is none.
local function more(is_main)
  local texts = vm.texts
  while texts.first <= texts.last do
    local at = texts.first
    texts.first = at + 1
    local source, chunk = texts[2 * at - 1], texts[2 * at]
    texts[2 * at - 1], texts[2 * at] = nil, nil
    texts.bytes = texts.bytes - #source
    local words = chunk == KERNEL and vm.kernels[source]
    local text = { source = source, chunk = chunk, own = words and "bint#" .. words }
    if is_main or find(source, "function", 1, true) then
      index(text)
      return true
    end
    -- no function but its main one: looked through should that one be met
    prototypes.mains[#prototypes.mains + 1] = text
  end
  if is_main and #prototypes.mains > 0 then
    local mains = prototypes.mains
    prototypes.mains = {}
    for i = 1, #mains do
      index(mains[i])
    end
    return true
  end
  return false
end
prototypes.mains = {}

--- What a function was made of: {text, ordinal, upvalues}; nil where that is not known, or for a C function.
function prototypes.of(f)
  local ok, identity = pcall(identity_of, f)
  if not ok then
    return nil
  end
  if later[1] then
    local texts = later
    later = {}
    for i = 1, #texts do
      index(texts[i])
    end
  end
  local found = known[identity]
  if found then
    return found
  end
  local info = getinfo(f, "S")
  if own_text(info.source) then
    found = known[identity]
  end
  while not found and more(info.what == "main") do
    found = known[identity]
  end
  return found
end

--- Forgets the texts that are not among `used` (a set): nothing that they made is left.
function prototypes.keep(used)
  local kept = {}
  for i = 1, #looked do
    local text = looked[i]
    if used[text] or text.own then
      kept[#kept + 1] = text
    else
      local identities = identities_of(text)
      for ordinal = 1, #identities do
        local found = known[identities[ordinal]]
        if found and found.text == text then
          known[identities[ordinal]] = nil
        end
      end
    end
  end
  looked = kept
  prototypes.mains = {}
  local texts = vm.texts
  for i = 2 * texts.first - 1, 2 * texts.last do
    texts[i] = nil
  end
  texts.first, texts.last, texts.bytes = 1, 0, 0
end

vm.prototypes = prototypes
