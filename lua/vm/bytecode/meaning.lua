--- What a register or an upvalue holds in byte code, as far as it is a builtin or a library that is reached by name.

local vm = ...

local type = type
local unpack, byte = string.unpack, string.byte

local reading, WRAP = vm.reading, vm.WRAP
local skip_string, each, instruction, key = reading.skip_string, reading.each, reading.instruction, reading.key

-- Opcodes of Lua 5.3.
local MOVE, GETUPVAL, GETTABUP, GETTABLE, SETTABUP, SETUPVAL, SETTABLE = 0, 5, 6, 7, 8, 9, 10
local JMP, TEST, TESTSET, CALL, CLOSURE, VARARG, EXTRAARG = 30, 34, 35, 36, 44, 45, 46
local ZERO_JUMP = 131071

--- Opcodes that set register A.
local SETS = { [TESTSET] = true, [CALL] = true, [CLOSURE] = true, [VARARG] = true }
for op = MOVE, 29 do
  SETS[op] = op < SETTABUP or op > SETTABLE
end

-- The byte code that is looked at (`reading.lua`), and what can be reached by name.
local code, tree
local code_at, code_end, upvalues_at, debug_at, parent, ordinal
-- What has been found out about its functions.
local writes, scopes, variables, captured, outer, assigned

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

local meaning = { setter = setter, value = value }

--- Reads byte code, which all is about until `forget`; returns where the instructions of each function begin.
function meaning.read(bytes, builtins)
  code, tree = bytes, builtins
  code_at, code_end, upvalues_at, debug_at, parent, ordinal = reading.read(bytes)
  writes, scopes, variables, captured, outer, assigned = {}, {}, {}, {}, {}, nil
  return code_at
end

function meaning.forget()
  reading.forget()
  code, tree = nil, nil
  code_at, code_end, upvalues_at, debug_at, parent, ordinal = nil, nil, nil, nil, nil, nil
  writes, scopes, variables, captured, outer, assigned = nil, nil, nil, nil, nil, nil
end

vm.meaning = meaning
