--- tostring and string.format: what is printed of tables, functions and coroutines is the same in every run.

local vm = ...

local type, error, rawget = type, error, rawget
local getmetatable = debug.getmetatable
local raw_format, gmatch = string.format, string.gmatch
local find, gsub, match, rep, sub = string.find, string.gsub, string.match, string.rep, string.sub
local concat, math_type, tointeger = table.concat, math.type, math.tointeger
local raw_tostring, select, unpack = tostring, select, table.unpack

local address, charge = vm.address, vm.charge

-- tostring -----------------------------------------------------------------------------------------------------------

local NUMBER = 1
local PLAIN = { string = true, number = NUMBER, boolean = true, ["nil"] = true }
local string_meta = getmetatable("")

--- What luaL_tolstring makes of a value.
local function tostring(value)
  local kind = type(value)
  if kind == "number" then
    return raw_tostring(value)
  elseif kind == "string" and rawget(string_meta, "__tostring") == nil then
    return value
  end
  local meta = getmetatable(value)
  if meta ~= nil then
    local custom = rawget(meta, "__tostring")
    if custom ~= nil then
      local text = custom(value)
      if type(text) == "string" then
        return text
      elseif type(text) == "number" then
        return raw_tostring(text)
      end
      error("'__tostring' must return a string", 0)
    end
    if kind == "string" then
      return value
    end
    local name = rawget(meta, "__name")
    if type(name) ~= "string" then
      name = kind
    end
    return raw_format("%s: 0x%08x", name, address(value))
  end
  if PLAIN[kind] then
    return raw_tostring(value)
  end
  return raw_format("%s: 0x%08x", kind, address(value))
end

--- The sandbox's tostring; without an argument Lua's own complains.
function vm.tostring(...)
  local value = ...
  if value == nil and select("#", ...) == 0 then
    return raw_tostring()
  end
  return (tostring(value))
end

--- Name of a value's type as luaL_argerror says it.
function vm.typename(value)
  local meta = getmetatable(value)
  if meta and type(value) ~= "string" then
    local name = rawget(meta, "__name")
    if type(name) == "string" then
      return name
    end
  end
  return type(value)
end

-- string.format ------------------------------------------------------------------------------------------------------

--- The least number that has all of its bits.
local LEAST = 0x1p-1022

--- %a of a number below that: the reference's C library moves its first bit before the point.
local function format_subnormal(flags, width, precision, conversion, number)
  local text = raw_format("%" .. gsub(flags, "[-0]", "") .. precision .. conversion, number * 0x1p64)
  local head, exponent = match(text, "^(.*[pP])(.*)$")
  text = head .. tointeger(exponent) - 64
  local missing = (tointeger(width) or 0) - #text
  if missing <= 0 then
    return text
  elseif find(flags, "-", 1, true) then
    return text .. rep(" ", missing)
  elseif find(flags, "0", 1, true) then
    return (gsub(text, "0[xX]", "%0" .. rep("0", missing), 1))
  end
  return rep(" ", missing) .. text
end

--- string.format where an argument is no plain value, or there are many: what %s asks for gets its text first. So do the
--- numbers that C libraries write in several ways. Long numerals become numbers.
local function format_objects(...)
  local args, n, fmt = { ... }, select("#", ...), (...)
  if type(fmt) == "string" then
    local i, edited = 1, nil
    for at, flags, width, precision, conversion, after in gmatch(fmt, "()%%([%-+ #0]*)(%d*)(%.?%d*)(.)()") do
      if conversion ~= "%" then
        i = i + 1
        local value = args[i]
        if conversion == "s" then
          if i <= n and not PLAIN[type(value)] then
            args[i] = tostring(value)
          end
        elseif conversion ~= "q" and type(value) == "string" then
          args[i] = vm.read_long(value)
        elseif
          (conversion == "a" or conversion == "A")
          and math_type(value) == "float"
          and value < LEAST
          and value > -LEAST
          and value ~= 0
          and #flags < 6
          and #width < 3
          and #precision < 4
        then
          args[i] = format_subnormal(flags, width, precision, conversion, value)
          edited = edited or { 1 }
          edited[#edited + 1] = at
          edited[#edited + 1] = after
        end
      end
    end
    if edited then
      local parts = {}
      for k = 1, #edited, 2 do
        parts[#parts + 1] = sub(fmt, edited[k], (edited[k + 1] or 0) - 1)
      end
      args[1] = concat(parts, "%s")
    end
  end
  return raw_format(unpack(args, 1, n))
end

local SMALL, BYTES = 512, 16

--- Instructions for a text that C has made: %q takes long for each byte.
local function costs(text, fmt)
  return find(fmt, "%%[^%a%%]*q") and 2 * #text or #text // BYTES
end

--- The sandbox's string.format.
function vm.format(...)
  local _, a, b, c, d = ...
  local e = a == nil or PLAIN[type(a)]
  local f = b == nil or PLAIN[type(b)]
  local g = c == nil or PLAIN[type(c)]
  local h = d == nil or PLAIN[type(d)]
  if
    e
    and f
    and g
    and h
    and not (e == NUMBER and a < LEAST and a > -LEAST and a ~= 0)
    and not (f == NUMBER and b < LEAST and b > -LEAST and b ~= 0)
    and not (g == NUMBER and c < LEAST and c > -LEAST and c ~= 0)
    and not (h == NUMBER and d < LEAST and d > -LEAST and d ~= 0)
    and select("#", ...) < 6
  then
    local text = raw_format(...)
    if #text > SMALL then
      charge(costs(text, ...))
    end
    return text
  end
  local text = format_objects(...)
  if #text > SMALL then
    charge(costs(text, ...))
  end
  return text
end
