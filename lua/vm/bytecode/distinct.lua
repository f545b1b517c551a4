--- Every function that is made is a new one.
--
-- Lua 5.3 gives a function again that it has made before, if its upvalues are the same and it is still there: whether
-- two functions are equal would depend on when garbage is collected, and on whether the state was saved and loaded in
-- between. So in compiled code each inner function that shares no local of the function around it gets one more
-- upvalue, without a name, for the register that it is put into: another one for each call of the function around it.
-- Byte code is read here that our own Lua has just made of text, never any that comes from a process.

local vm, bytecode = ...
bytecode = bytecode or vm.bytecode

local byte, char, pack, sort, sub, unpack = string.byte, string.char, string.pack, table.sort, string.sub, string.unpack
local concat = table.concat
local CLOSURE = bytecode.CLOSURE

--- The most upvalues that a function may have.
local MOST = 255

--- Whether the function shares no local of the function around it, and has room for one more upvalue.
local function apart(code, f)
  for i = 0, f.upvalues - 1 do
    if byte(code, f.upvalues_at + 2 * i) ~= 0 then
      return false
    end
  end
  return f.upvalues < MOST
end

--- The registers that a function puts its inner functions into, by their numbers from 1.
local function registers_of(code, f)
  local registers = {}
  for at = f.code_at, f.code_at + 4 * (f.instructions - 1), 4 do
    if byte(code, at) & 63 == CLOSURE then
      -- A in 8 bits from the sixth on, Bx in the 18 bits above
      local word = unpack("<I4", code, at)
      registers[(word >> 14) + 1] = word >> 6 & 255
    end
  end
  return registers
end

--- The byte code with these upvalues; nil where there is none to be added.
local function patch(code)
  local functions = bytecode.functions(code)
  -- places, and what is put there instead of so many bytes
  local cuts, n = {}, 0
  local function put(at, bytes, width)
    n = n + 1
    cuts[n] = { at, bytes, width }
  end
  for i = 1, #functions do
    local f = functions[i]
    local registers = #f.inner > 0 and registers_of(code, f)
    for k = 1, #f.inner do
      local inner = functions[f.inner[k]]
      if apart(code, inner) then
        put(inner.upvalues_at - 4, pack("<i4", inner.upvalues + 1), 4)
        put(inner.upvalues_at + 2 * inner.upvalues, char(1, registers[k]), 0)
        put(inner.names_at - 4, pack("<i4", inner.names + 1), 4)
        put(inner.stop + 1, "\0", 0)
      end
    end
  end
  if n == 0 then
    return nil
  end
  sort(cuts, function(a, b)
    return a[1] < b[1]
  end)
  local parts, at = {}, 1
  for i = 1, n do
    local place, bytes, width = cuts[i][1], cuts[i][2], cuts[i][3]
    parts[2 * i - 1], parts[2 * i] = sub(code, at, place - 1), bytes
    at = place + width
  end
  parts[2 * n + 1] = sub(code, at)
  return concat(parts)
end

if not vm then
  return patch
end

local error, find, load, dump, getupvalue = error, string.find, load, string.dump, debug.getupvalue
local charge = vm.charge

--- Bytes of code that are read in the time of one instruction.
local READ = 16

local given

local aside = vm.aside(function()
  local f = given
  local code = patch(dump(f))
  if code then
    local _, env = getupvalue(f, 1)
    given = load(code, "=ao.vm", "b", env)
  end
end)

--- The same function, in which every inner function is made anew each time.
-- @param f function what has just been compiled: a main function
-- @param source string the text
function vm.distinct(f, source)
  if not find(source, "function", 1, true) then
    return f
  end
  charge(#source // READ)
  given = f
  local ok, problem = aside()
  f, given = given, nil
  if not ok then
    error(problem, 0)
  end
  return f
end
