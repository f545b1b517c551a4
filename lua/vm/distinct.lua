--- Every function that is made is a new one.
--
-- Lua 5.3 gives a function again that it has made before, if its upvalues are the same and it is still there: whether
-- two functions are equal would depend on when garbage is collected, and on whether the state was saved and loaded in
-- between. So in compiled code each inner function that shares no local of the function around it gets one more
-- upvalue, without a name, for the register that it is put into: another one for each call of the function around it.
-- Byte code is read here that our own Lua has just made of text, never any that comes from a process.

local vm = ...

local byte, char, pack, sub, unpack = string.byte, string.char, string.pack, string.sub, string.unpack
local concat = table.concat

--- What comes before the number of upvalues of the main function.
local HEADER_SIZE = 33
local CLOSURE = 44

local function skip_string(code, at)
  local size = byte(code, at)
  if size < 255 then
    return at + (size == 0 and 1 or size)
  end
  return at + 8 + unpack("<i8", code, at + 1)
end

local WIDTH = { [0] = 1, [1] = 2, [3] = 9, [19] = 9 }

--- Reads the function at `at`; appends to `cuts` where something is to be put in, and what. Returns the place behind.
-- `register` is where the function around it puts the function; nil for the main one.
local function walk(code, at, register, cuts)
  at = skip_string(code, at) + 11
  local n
  n, at = unpack("<i4", code, at)
  local registers = {}
  for i = 0, n - 1 do
    local first, second, third, fourth = byte(code, at + 4 * i, at + 4 * i + 3)
    if first & 63 == CLOSURE then
      -- A in 8 bits from the sixth on, Bx in the 18 bits above
      local word = first | second << 8 | third << 16 | fourth << 24
      registers[word >> 14] = word >> 6 & 255
    end
  end
  n, at = unpack("<i4", code, at + 4 * n)
  for _ = 1, n do
    local kind = byte(code, at)
    at = WIDTH[kind] and at + WIDTH[kind] or skip_string(code, at + 1)
  end
  local count_at = at
  n, at = unpack("<i4", code, at)
  local own = register ~= nil and n < 255
  if own then
    for i = 0, n - 1 do
      own = own and byte(code, at + 2 * i) == 0
    end
    if own then
      local k = #cuts
      cuts[k + 1], cuts[k + 2], cuts[k + 3] = count_at, count_at + 4, pack("<i4", n + 1)
      cuts[k + 4], cuts[k + 5], cuts[k + 6] = at + 2 * n, at + 2 * n, char(1, register)
    end
  end
  n, at = unpack("<i4", code, at + 2 * n)
  for i = 0, n - 1 do
    at = walk(code, at, registers[i], cuts)
  end
  n, at = unpack("<i4", code, at)
  n, at = unpack("<i4", code, at + 4 * n)
  for _ = 1, n do
    at = skip_string(code, at) + 8
  end
  count_at = at
  n, at = unpack("<i4", code, at)
  for _ = 1, n do
    at = skip_string(code, at)
  end
  if own then
    local k = #cuts
    cuts[k + 1], cuts[k + 2], cuts[k + 3] = count_at, count_at + 4, pack("<i4", n + 1)
    cuts[k + 4], cuts[k + 5], cuts[k + 6] = at, at, "\0"
  end
  return at
end

--- The byte code with these upvalues; nil where there is none to be added.
local function patch(code)
  local cuts = {}
  walk(code, HEADER_SIZE + 2, nil, cuts)
  if #cuts == 0 then
    return nil
  end
  local parts, n, at = {}, 0, 1
  for k = 1, #cuts, 3 do
    parts[n + 1], parts[n + 2] = sub(code, at, cuts[k] - 1), cuts[k + 2]
    n, at = n + 2, cuts[k + 1]
  end
  parts[n + 1] = sub(code, at)
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
