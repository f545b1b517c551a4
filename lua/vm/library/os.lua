--- os: what the library answers on an empty machine, with the message's time for its clock.

local vm = ...

local type, error, pcall, tonumber = type, error, pcall, tonumber
local sub = string.sub
local math_type, tointeger = math.type, math.tointeger
local raw_date, raw_difftime = os.date, os.difftime
local charge, host = vm.charge, vm.host

local os = {}

function os.time()
  return host.time
end

local ticks = 0

--- The reference's clock, too, only counts its calls.
function os.clock()
  ticks = ticks + 1
  return (2 * ticks - 1) / 1000
end

--- How often the clock was asked; with a number, from now on.
function vm.ticks(number)
  ticks = number or ticks
  return ticks
end

--- What the clock says where no time is given.
local NOW = 10
--- How dates are written (`as`): large, and seldom needed.
local dates = vm.functions_of("dates", { "library/date" })

--- An argument as an integer, as Lua's own functions take one.
local function integer(value, position)
  local whole = tointeger(value) or type(value) == "string" and tointeger(tonumber(value))
  if whole then
    return whole
  elseif math_type(value) then
    error("bad argument #" .. position .. " to '?' (number has no integer representation)", 0)
  end
  error("bad argument #" .. position .. " to '?' (number expected, got " .. vm.typename(value) .. ")", 0)
end

function os.date(template, time)
  if template == nil then
    template = "%c"
  elseif math_type(template) then
    template = template .. ""
  elseif type(template) ~= "string" then
    error("bad argument #1 to '?' (string expected, got " .. vm.typename(template) .. ")", 0)
  end
  if time == nil then
    time = NOW
  else
    time = integer(time, 2)
  end
  local zone = "UTC"
  if sub(template, 1, 1) == "!" then
    template, zone = sub(template, 2), "GMT"
  end
  charge(#template)
  -- the reference has no years beyond an int's
  local ok, d = pcall(raw_date, "!*t", time)
  if not ok then
    error("time result cannot be represented in this installation", 0)
  end
  if template == "*t" then
    return d
  end
  d.zone = zone
  return (dates.as(template, d)) -- no tail call, by which its name would be lost
end

--- Times are integers to the reference, whose difference wraps around.
function os.difftime(...)
  local later, earlier = ...
  if math_type(later) == "integer" and math_type(earlier) == "integer" then
    return (later - earlier) + 0.0
  end
  return (raw_difftime(...))
end

function os.execute(command)
  if command == nil then
    return false
  end
  return nil
end

--- Ends the evaluation: no pcall stops it, the result is an error, and the message leaves no trace.
function os.exit(code)
  local status
  if code == nil or code == true then
    status = 0
  elseif code == false then
    status = 1
  else
    -- an int of C
    status = (integer(code, 1) + 0x80000000 & 0xffffffff) - 0x80000000
  end
  vm.exited = "Program terminated with exit(" .. status .. ")"
  vm.strike("exit")
end

function os.getenv(name)
  if type(name) ~= "string" and not math_type(name) then
    error(
      "bad argument #1 to '?' (string expected, got " .. (name == nil and "no value" or vm.typename(name)) .. ")",
      0
    )
  end
  return nil
end

local function missing(name)
  return nil, vm.tostring(name) .. ": No such file or directory", 44
end

function os.remove(name)
  return missing(name)
end

function os.rename()
  return nil, "No such file or directory", 44
end

function os.setlocale(locale)
  if locale == nil or locale == "" then
    return "C"
  end
  return (locale == "C" or locale == "POSIX") and locale or nil
end

function os.tmpname()
  return "/tmp/tmpnam_eJCOGA"
end

vm.os = os
