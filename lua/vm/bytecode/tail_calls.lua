--- Tail calls of builtins as ordinary calls.
--
-- A tail call of a C function keeps the caller's frame, that of a Lua function loses it: with `return tostring()` the
-- reference names the line of the call. Many builtins here are Lua functions of ours, so what Lua has compiled is
-- looked through, and where such a builtin is called by its name OP_TAILCALL becomes OP_CALL. All other tail calls stay.

local vm = ...

local load, error = load, error
local byte, find, sub, unpack, char, dump =
  string.byte, string.find, string.sub, string.unpack, string.char, string.dump
local sort, concat = table.sort, table.concat
local getupvalue = debug.getupvalue

local WRAP = vm.WRAP
local each, instruction, key = vm.reading.each, vm.reading.instruction, vm.reading.key
local meaning, setter, value = vm.meaning, vm.meaning.setter, vm.meaning.value
local known = vm.bytecode.readable

-- Opcodes of Lua 5.3.
local LOADK, SELF, CALL, TAILCALL, RETURN = 1, 12, 36, 37, 38

-- The byte code that is looked at, where its functions have their instructions, and what can be reached by name.
local code, code_at, tree
-- The text that it was made of, and which names that has functions of its own under.
local text, own

--- How far before a name the word `function` is looked for.
local LOOK = 48
local DOT, COLON, SPACE, EQUAL = byte(".: =", 1, 4)

--- Whether the source has a function of its own under the name, as a global or in a table.
local function redefined(name)
  local known_answer = own[name]
  if known_answer == nil then
    known_answer = false
    local first, last = find(text, name, 1, true)
    while first do
      local before, after = byte(text, first - 1), byte(text, last + 1)
      if
        before == DOT and find(sub(text, first > LOOK and first - LOOK or 1, first - 1), "function%s+[%w_%.]*$")
        or before == COLON and find(sub(text, first > LOOK and first - LOOK or 1, first - 1), "function%s+[%w_%.]*:$")
        or before == SPACE and sub(text, first - 9, first - 2) == "function"
        or (after == SPACE or after == EQUAL) and find(text, "^%s*=%s*function", last + 1)
      then
        known_answer = true
        break
      end
      first, last = find(text, name, last + 1, true)
    end
    own[name] = known_answer
  end
  return known_answer
end

--- Where the byte code has tail calls of builtins: a list of places.
local function places()
  local list, n = {}, 0
  each(TAILCALL, function(f, pc, i)
    local a = i >> 6 & 255
    local place = code_at[f] + 4 * pc
    -- always so in what Lua compiles; with these operands a call does the same
    if i >> 14 & 511 ~= 0 or unpack("<I4", code, place + 4) ~= RETURN | a << 6 then
      return
    end
    local at, set = setter(f, pc, a)
    if not at then
      return
    end
    local op = set & 63
    local builtin
    if op == SELF then
      local name, first = key(f, at, set >> 14 & 511)
      builtin = name and tree.string[name]
      if builtin and redefined(name) then
        -- most likely an object of the process's own, unless it is a literal
        local _, before, target = instruction(f, first - 1)
        builtin = first > 0 and before == LOADK and target == set >> 23
      end
    else
      local node, _, base, name = value(f, at, a, pc)
      builtin = (node == true or node == WRAP) and not (base == tree and redefined(name))
    end
    if builtin then
      n = n + 1
      list[n] = place
    end
  end)
  return list, n
end

--- The byte code with calls at the places, which hold tail calls.
local function patched(list, n)
  sort(list)
  local parts, at = {}, 1
  for i = 1, n do
    local place = list[i]
    parts[2 * i - 1] = sub(code, at, place - 1)
    parts[2 * i] = char(byte(code, place) - TAILCALL + CALL)
    at = place + 1
  end
  parts[2 * n + 1] = sub(code, at)
  return concat(parts)
end

--- The function to be looked through, then the one made of it.
local given

local function forget()
  given, code, code_at, tree, text, own = nil, nil, nil, nil, nil, nil
  meaning.forget()
end

local function rewrite()
  tree = vm.builtin_tree()
  local f = given
  if not f then
    return
  end
  code, own = dump(f), {}
  code_at = meaning.read(code, tree)
  local list, n = places()
  if n > 0 then
    local _, env = getupvalue(f, 1)
    given = load(patched(list, n), "=ao.vm", "b", env) or f
  end
end

local aside = vm.aside(rewrite)

--- The same function, in which tail calls of builtins leave the caller's frame on the stack.
-- @param f function what Lua's `load` has just made of text: a main function
-- @param source string the text
function vm.without_tail_calls(f, source)
  given, text = known and f or nil, source
  local ok, problem = aside()
  f = given or f
  forget()
  if not ok then
    error(problem, 0)
  end
  return f
end
