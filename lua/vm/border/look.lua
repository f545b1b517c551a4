-- All that the globals lead to, as bytes, for who compares two moments of a process (the reader is in Python: `looking.py`).
-- Nothing of the process runs.
--
-- Tables and functions are numbered in the order in which they are found, the globals first; of each there is, in this
-- order: T or F, <s4 where it stands> and <s4 digest of its code> · <I4 n> · n times a key and a value. A function has
-- its upvalues, by name; one of our own modules none.
-- A value is s <s4> · i <i8> · d <double> · t f · r <I4 number> · x <s4 description>; the key m stands for the metatable.
local vm = ...

local getinfo, getupvalue, getmetatable = debug.getinfo, debug.getupvalue, debug.getmetatable
local pack, format, dump, concat = string.pack, string.format, string.dump, table.concat
local match = string.match
local next, type, math_type = next, type, math.type
local status = coroutine.status
local globals, NAMELESS = vm.globals, vm.bytecode.NAMELESS

local own = {}

-- Whether it is the source of one of our own modules: what its functions hold is no state of the process's.
local function is_own(source)
  if own[source] == nil then
    own[source] = source == "json" or vm.chunk(match(source, "^%.(.*)$") or "") ~= nil
  end
  return own[source]
end

-- Where a function stands, and whether it is our own's; the trusted side has no debug information, and no place.
local function described(f)
  local info = getinfo(f, "S")
  if info.what == "C" or info.source == "=?" or info.source == "=ao.vm" then
    return nil
  end
  return format("%s:%d", info.short_src, info.linedefined), is_own(info.source)
end

--- The bytes.
function vm.look()
  local found, number_of, last = { globals }, { [globals] = 1 }, 1
  local out, n = {}, 0

  local function put(value)
    n = n + 1
    local kind = type(value)
    if kind == "string" then
      out[n] = pack("<c1s4", "s", value)
    elseif kind == "number" then
      out[n] = math_type(value) == "integer" and pack("<c1i8", "i", value) or pack("<c1d", "d", value)
    elseif kind == "boolean" then
      out[n] = value and "t" or "f"
    elseif kind == "table" or (kind == "function" and described(value)) then
      local number = number_of[value]
      if not number then
        last = last + 1
        number = last
        found[last], number_of[value] = value, last
      end
      out[n] = pack("<c1I4", "r", number)
    elseif kind == "function" then
      local name = vm.public[value]
      out[n] = pack("<c1s4", "x", name and "function " .. name or "built-in function")
    elseif kind == "thread" then
      out[n] = pack("<c1s4", "x", format("%s coroutine", status(value)))
    else
      out[n] = pack("<c1s4", "x", kind)
    end
  end

  local at = 1
  while at <= last do
    local object = found[at]
    local count, head = 0, n + 1
    n = head
    if type(object) == "table" then
      for key, value in next, object do
        put(key)
        put(value)
        count = count + 1
      end
      local metatable = getmetatable(object)
      if metatable then
        n = n + 1
        out[n] = "m"
        put(metatable)
        count = count + 1
      end
      out[head] = pack("<c1I4", "T", count)
    else
      local place, ours = described(object)
      local index = 1
      local name, value
      if not ours then
        name, value = getupvalue(object, index)
      end
      while name do
        if value ~= nil and name ~= NAMELESS then
          put(name)
          put(value)
          count = count + 1
        end
        index = index + 1
        name, value = getupvalue(object, index)
      end
      out[head] = pack("<c1s4s4I4", "F", place, vm.digest(dump(object, true)), count)
    end
    at = at + 1
  end
  return concat(out, "", 1, n)
end
