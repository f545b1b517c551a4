--- The instructions and constants of byte code: what `meaning.lua` and `tail_calls.lua` go by.
--
-- Byte code is read here that our own Lua has just made of text, never any that comes from a process.

local vm = ...

local byte, unpack, char, find, sub = string.byte, string.unpack, string.char, string.find, string.sub
local charge = vm.charge

local FIRST = vm.bytecode.FIRST

-- Opcodes of Lua 5.3.
local LOADK, LOADKX, EXTRAARG = 1, 2, 46

--- So many constants are walked over each time.
local FEW = 6
--- Where constants begin among the operands that are a register or a constant.
local CONSTANT = 256

-- The byte code that is looked at, and where its functions have their parts; functions are numbered as they come.
local code
local count
local code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal

--- Function → places of its constants, where they were asked for.
local constants

--- Bytes that are read for one instruction.
local READ = 16
local STEP = 65536

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

local reading = {
  skip_string = skip_string,
  each = each,
  instruction = instruction,
  key = key,
}

--- Reads byte code, which all is about until `forget`: its functions are numbered as they come. Of each there is where its
--- instructions begin and end, its upvalues and its debug information; the function around it, and the how manieth it is
--- in there.
function reading.read(bytes)
  code, count, paid = bytes, 0, 1
  code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal = {}, {}, {}, {}, {}, {}, {}
  constants = {}
  walk(FIRST, 0)
  return code_at, code_end, upvalues_at, debug_at, parent, ordinal
end

function reading.forget()
  code, constants = nil, nil
  code_at, code_end, constants_at, upvalues_at, debug_at, parent, ordinal = nil, nil, nil, nil, nil, nil, nil
end

vm.reading = reading
