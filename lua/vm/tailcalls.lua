--- Tail calls of builtins as ordinary calls.
--
-- A tail call of a C function keeps the caller's frame, that of a Lua function loses it: with `return tostring()` the
-- reference names the line of the call. Many builtins here are Lua functions of ours, so what Lua has compiled is
-- looked through, and where such a builtin is called by its name OP_TAILCALL becomes OP_CALL. All other tail calls stay.
-- Byte code is read here that our own Lua has just made of text, never any that comes from a process.

local vm = ...

local type, next, error, load, rawget = type, next, error, load, rawget
local dump, unpack, byte, char = string.dump, string.unpack, string.byte, string.char
local find, sub = string.find, string.sub
local concat, sort = table.concat, table.sort
local getinfo, getupvalue = debug.getinfo, debug.getupvalue
local charge = vm.charge

local FIRST, known = vm.bytecode.FIRST, vm.bytecode.readable

-- Opcodes of Lua 5.3.
local MOVE, LOADK, LOADKX, GETUPVAL, GETTABUP, GETTABLE, SETTABUP, SETUPVAL = 0, 1, 2, 5, 6, 7, 8, 9
local SETTABLE, SELF, JMP, TEST, TESTSET, CALL, TAILCALL, RETURN = 10, 12, 30, 34, 35, 36, 37, 38
local CLOSURE, VARARG, EXTRAARG = 44, 45, 46
--- So many constants are walked over each time.
local FEW = 6
--- Where constants begin among the operands that are a register or a constant.
local CONSTANT = 256
local ZERO_JUMP = 131071

--- Opcodes that set register A.
local SETS = { [TESTSET] = true, [CALL] = true, [CLOSURE] = true, [VARARG] = true }
for op = MOVE, 29 do
  SETS[op] = op < SETTABUP or op > SETTABLE
end

-- The builtins -------------------------------------------------------------------------------------------------------

--- What can be reached by name: true for a builtin that is a Lua function of ours, a table for a library.
local tree

--- Stands in the tree for `coroutine.wrap`: what it returns is a builtin as well.
local WRAP = {}

local function mark_wrap()
  local library = tree.coroutine
  library.wrap = library.wrap and WRAP
end

local LIBRARIES = { "bit32", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" }

local function ours(value)
  local source = type(value) == "function" and getinfo(value, "S").source
  return source == "=?" or source == "=ao.vm"
end

local function functions(t)
  local found = {}
  for name, value in next, t do
    if type(name) == "string" then
      found[name] = ours(value) or nil
    end
  end
  return found
end

--- Made when it is first needed: what the process has put in the place of a builtin by then is not one of ours.
local function plant()
  tree = functions(vm.globals)
  tree._G = tree
  for i = 1, #LIBRARIES do
    local name = LIBRARIES[i]
    local library = rawget(vm.globals, name)
    tree[name] = functions(type(library) == "table" and library or {})
  end
  mark_wrap()
end

--- The builtins of the tree, if it has been made: their libraries ("_G" for none) and their names, in order.
function vm.builtins()
  if not tree then
    return nil
  end
  local places = {}
  for i = 0, #LIBRARIES do
    local library = LIBRARIES[i] or "_G"
    for name, value in next, tree[library] do
      if value == true or value == WRAP then
        places[#places + 1] = { library, name }
      end
    end
  end
  sort(places, function(a, b)
    if a[1] ~= b[1] then
      return a[1] < b[1]
    end
    return a[2] < b[2]
  end)
  local libraries, names = {}, {}
  for i = 1, #places do
    libraries[i], names[i] = places[i][1], places[i][2]
  end
  return libraries, names
end

--- Makes the tree of these.
function vm.plant(libraries, names)
  local planted = {}
  planted._G = planted
  for i = 1, #LIBRARIES do
    planted[LIBRARIES[i]] = {}
  end
  for i = 1, #names do
    local library = planted[libraries[i]]
    if type(library) ~= "table" or planted[names[i]] ~= nil and library == planted then
      error("does not make sense", 0)
    end
    library[names[i]] = true
  end
  tree = planted
  mark_wrap()
end

-- Reading ------------------------------------------------------------------------------------------------------------

-- The byte code that is looked at, and where its functions have their parts; functions are numbered as they come.
local code
local count
local code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal
-- What has been found out about them.
local text, own, constants, writes, scopes, variables, captured, outer, assigned

--- Bytes that are read for one instruction.
local READ = 16
local STEP = 65536
--- How far before a name the word `function` is looked for.
local LOOK = 48
local DOT, COLON, SPACE, EQUAL = byte(".: =", 1, 4)
local paid

local function skip_string(at)
  local size = byte(code, at)
  if size < 255 then
    return at + (size == 0 and 1 or size)
  end
  return at + 8 + unpack("<i8", code, at + 1)
end

--- The place behind the constant at `at`.
local function skip_constant(at)
  local kind, size = byte(code, at, at + 1)
  if kind & 15 == 4 then
    return size < 255 and at + 1 + size or skip_string(at + 1)
  end
  return at + (kind & 15 == 3 and 9 or kind == 1 and 2 or 1)
end

--- Reads the function at `at`; returns the place behind it.
local function walk(at, above, number)
  count = count + 1
  local this = count
  parent[this], ordinal[this] = above, number
  if at - paid > STEP then
    charge((at - paid) // READ)
    paid = at
  end
  -- inner functions have no name of their own for the chunk
  at = (number and at + 1 or skip_string(at)) + 11
  local n
  n, at = unpack("<i4", code, at)
  code_at[this] = at
  at = at + 4 * n
  code_end[this] = at
  constants_at[this] = at
  n, at = unpack("<i4", code, at)
  for _ = 1, n do
    local kind, size = byte(code, at, at + 1)
    if kind == 4 and size < 255 then
      at = at + 1 + size
    else
      at = skip_constant(at)
    end
  end
  n, at = unpack("<i4", code, at)
  upvalues_at[this] = at
  n, at = unpack("<i4", code, at + 2 * n)
  for i = 1, n do
    at = walk(at, this, i - 1)
  end
  debug_at[this] = at
  n, at = unpack("<i4", code, at)
  n, at = unpack("<i4", code, at + 4 * n)
  for _ = 1, n do
    local size = byte(code, at)
    at = (size < 255 and at + size or skip_string(at)) + 8
  end
  n, at = unpack("<i4", code, at)
  for _ = 1, n do
    local size = byte(code, at)
    at = size < 255 and at + size or skip_string(at)
  end
  return at
end

--- Calls visit(function, pc, instruction) for every instruction with the opcode.
local function each(op, visit)
  for high = 0, 192, 64 do
    local first = char(op | high)
    local at, i = 1, 1
    while true do
      at = find(code, first, at, true)
      if not at then
        break
      end
      while i <= count and code_end[i] <= at do
        i = i + 1
      end
      if i > count then
        break
      end
      local start = code_at[i]
      if at < start then
        at = start
      else
        if (at - start) & 3 == 0 then
          visit(i, (at - start) >> 2, (unpack("<I4", code, at)))
        end
        at = at + 1
      end
    end
  end
end

local function instruction(f, pc)
  local i = unpack("<I4", code, code_at[f] + 4 * pc)
  return i, i & 63, i >> 6 & 255
end

--- The constant number k of a function if it is a string.
local function constant(f, k)
  local at
  if k < FEW then
    at = constants_at[f] + 4
    for _ = 1, k do
      at = skip_constant(at)
    end
  else
    local places = constants[f]
    if not places then
      local n
      n, at = unpack("<i4", code, constants_at[f])
      places = {}
      for i = 0, n - 1 do
        places[i] = at
        at = skip_constant(at)
      end
      constants[f] = places
    end
    at = places[k]
  end
  local kind, size = byte(code, at, at + 1)
  -- names are short
  return kind == 4 and size < 255 and sub(code, at + 2, at + size) or nil
end

--- The string that is an operand of the instruction at pc, and where the instructions begin that make it.
local function key(f, pc, operand)
  if operand >= CONSTANT then
    return constant(f, operand - CONSTANT), pc
  elseif pc > 0 then
    local i, op, a = instruction(f, pc - 1)
    if op == LOADK and a == operand then
      return constant(f, i >> 14), pc - 1
    elseif op == EXTRAARG and pc > 1 then
      local _, before, target = instruction(f, pc - 2)
      if before == LOADKX and target == operand then
        return constant(f, i >> 6), pc - 2
      end
    end
  end
end

-- What a value is ----------------------------------------------------------------------------------------------------

local upvalue

--- Where register r gets the value that it has before pc, in the midst of an expression or behind it: the pc of the
--- instruction, and the instruction.
local function setter(f, pc, r)
  local at = code_at[f] + 4 * pc
  while pc > 0 do
    pc = pc - 1
    at = at - 4
    local i = unpack("<I4", code, at)
    local op, a = i & 63, i >> 6 & 255
    if a <= r and (op < JMP or op > TEST) and op ~= EXTRAARG then
      if a == r then
        return pc, i
      end
      return nil
    end
  end
end

--- Reads all of a function: where which registers are set, and where the inner functions are made.
local function study(f)
  local by_register, made = {}, {}
  local start = code_at[f]
  for at = start, code_end[f] - 4, 4 do
    local i = unpack("<I4", code, at)
    local op = i & 63
    if SETS[op] then
      local a, pc = i >> 6 & 255, (at - start) >> 2
      local list = by_register[a]
      if list then
        list[#list + 1] = pc
      else
        by_register[a] = { pc }
      end
      if op == CLOSURE then
        made[i >> 14] = pc
      end
    end
  end
  writes[f], captured[f] = by_register, made
end

--- Where CLOSURE makes the function f in its parent.
local function made_at(f)
  local above = parent[f]
  if not captured[above] then
    study(above)
  end
  return captured[above][ordinal[f]]
end

--- The local variable that is register r at pc: a number for it, its first pc and the pc behind it.
local function variable(f, r, pc)
  local place = f << 8 | r
  local seen = scopes[place]
  if seen and seen[2] <= pc and pc < seen[3] then
    return seen[1], seen[2], seen[3]
  end
  local n, at = unpack("<i4", code, debug_at[f])
  n, at = unpack("<i4", code, at + 4 * n)
  for i = 1, n do
    at = skip_string(at)
    local first, last = unpack("<i4i4", code, at)
    at = at + 8
    if first > pc then
      return nil
    elseif pc < last then
      if r == 0 then
        scopes[place] = { f << 24 | i, first, last }
        return f << 24 | i, first, last
      end
      r = r - 1
    end
  end
end

--- The variable behind an upvalue, as `variable` gives it, and its function and register; nil for the globals.
local function origin(f, u)
  local stack, index = byte(code, upvalues_at[f] + 2 * u, upvalues_at[f] + 2 * u + 1)
  local above = parent[f]
  if above == 0 then
    return nil
  elseif stack == 0 then
    return origin(above, index)
  end
  local id, first, last = variable(above, index, made_at(f))
  return id, first, last, above, index
end

--- Whether an inner function assigns to the variable.
local function assigned_inside(id)
  if not assigned then
    assigned = {}
    each(SETUPVAL, function(f, _, i)
      local variable_id = origin(f, i >> 23)
      if variable_id then
        assigned[variable_id] = true
      end
    end)
  end
  return assigned[id]
end

--- Whether register r is set by an instruction from pc `first` on and before `last`.
local function written(f, r, first, last)
  if not writes[f] then
    study(f)
  end
  local list = writes[f][r]
  for i = #list, 1, -1 do
    local pc = list[i]
    if pc < first then
      return false
    elseif pc < last then
      return true
    end
  end
  return false
end

local value

--- What a local variable holds for as long as there is one.
local function held(id, first, last, f, r)
  if not id then
    return nil
  end
  local known_value = variables[id]
  if known_value == nil then
    known_value = false
    local pc = setter(f, first, r)
    local node = pc and value(f, pc, r, first)
    if node and not written(f, r, first, last) and not assigned_inside(id) then
      known_value = node
    end
    variables[id] = known_value
  end
  return known_value
end

local function held_by_register(f, r, pc)
  local id, first, last = variable(f, r, pc)
  return held(id, first, last, f, r)
end

function upvalue(f, u)
  local place = f << 8 | u
  local node = outer[place]
  if node == nil then
    local at = f
    -- the globals are the only upvalue of the main function
    local stack, index = 0, u
    while at ~= 0 and stack == 0 do
      local where = upvalues_at[at] + 2 * index
      stack, index = byte(code, where, where + 1)
      at = parent[at]
    end
    if at == 0 then
      node = tree
    else
      node = held(origin(f, u)) or false
    end
    outer[place] = node
  end
  return node
end

--- What the instruction at pc puts into register r: a node of the tree, or nil; and where its expression begins;
--- for a field, the node of its table, and its name.
-- @param behind integer where the expression ends
function value(f, pc, r, behind)
  local i, op, a = instruction(f, pc)
  if a ~= r then
    return nil
  end
  local node, base, name
  local first = pc
  local b, c = i >> 23, i >> 14 & 511
  if op == GETTABUP or op == GETTABLE then
    name, first = key(f, pc, c)
    if not name then
      return nil
    elseif op == GETTABUP then
      base = upvalue(f, b)
    elseif b ~= a then
      base = held_by_register(f, b, pc)
    elseif first > 0 then
      base, first = value(f, first - 1, b, behind)
    end
    node = type(base) == "table" and base[name]
  elseif op == MOVE then
    node = held_by_register(f, b, pc)
  elseif op == GETUPVAL then
    node = upvalue(f, b)
  elseif op == CALL and c == 2 then
    -- one result
    local at = setter(f, pc, a)
    local callee
    if at then
      callee, first = value(f, at, a, pc)
    end
    node = callee == WRAP
  end
  if node and first > 0 then
    -- `x or tostring`: a jump over this
    local before, jump = instruction(f, first - 1)
    local target = first + (before >> 14) - ZERO_JUMP
    if jump == JMP and target > first and target <= behind then
      return nil
    end
  end
  return node, first, base, name
end

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

-- Patching -----------------------------------------------------------------------------------------------------------

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
  given, code, text, own = nil, nil, nil, nil
  code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal = nil, nil, nil, nil, nil, nil, nil
  constants, writes, scopes, variables, captured, outer, assigned = nil, nil, nil, nil, nil, nil, nil
end

local function rewrite()
  if not tree then
    plant()
  end
  local f = given
  if not f then
    return
  end
  code, count, paid = dump(f), 0, 1
  code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal = {}, {}, {}, {}, {}, {}, {}
  own, constants, writes, scopes, variables, captured, outer, assigned = {}, {}, {}, {}, {}, {}, {}, nil
  walk(FIRST, 0)
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
