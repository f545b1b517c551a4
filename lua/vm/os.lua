--- os: what the library answers on an empty machine, with the message's time for its clock.

local vm = ...

local type, error, pcall, tonumber = type, error, pcall, tonumber
local concat = table.concat
local sub, match, find, format = string.sub, string.match, string.find, string.format
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

local NOW = 10
local DAYS = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
local MONTHS = {
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
}

local function two(n)
  return format("%02d", n)
end

--- ISO 8601: the year that the week belongs to, and the week.
local function iso_week(d)
  local monday = (d.wday + 5) % 7
  local week = (d.yday - 1 - monday + 10) // 7
  local function weeks(year)
    local function p(y)
      return (y + y // 4 - y // 100 + y // 400) % 7
    end
    return (p(year) == 4 or p(year - 1) == 3) and 53 or 52
  end
  if week < 1 then
    return d.year - 1, weeks(d.year - 1)
  elseif week > weeks(d.year) then
    return d.year + 1, 1
  end
  return d.year, week
end

local date_as

local SPECIFIERS = {
  a = function(d)
    return sub(DAYS[d.wday], 1, 3)
  end,
  A = function(d)
    return DAYS[d.wday]
  end,
  b = function(d)
    return sub(MONTHS[d.month], 1, 3)
  end,
  B = function(d)
    return MONTHS[d.month]
  end,
  c = "%a %b %d %H:%M:%S %Y",
  C = function(d)
    return two(d.year // 100)
  end,
  d = function(d)
    return two(d.day)
  end,
  D = "%m/%d/%y",
  e = function(d)
    return format("%2d", d.day)
  end,
  F = "%Y-%m-%d",
  g = function(d)
    return two(iso_week(d) % 100)
  end,
  G = function(d)
    return (iso_week(d)) .. ""
  end,
  h = "%b",
  H = function(d)
    return two(d.hour)
  end,
  I = function(d)
    return two((d.hour + 11) % 12 + 1)
  end,
  j = function(d)
    return format("%03d", d.yday)
  end,
  m = function(d)
    return two(d.month)
  end,
  M = function(d)
    return two(d.min)
  end,
  n = "\n",
  p = function(d)
    return d.hour < 12 and "AM" or "PM"
  end,
  r = "%I:%M:%S %p",
  R = "%H:%M",
  S = function(d)
    return two(d.sec)
  end,
  t = "\t",
  T = "%H:%M:%S",
  u = function(d)
    return (d.wday + 5) % 7 + 1 .. ""
  end,
  U = function(d)
    return two((d.yday + 6 - (d.wday - 1)) // 7)
  end,
  V = function(d)
    local _, week = iso_week(d)
    return two(week)
  end,
  w = function(d)
    return d.wday - 1 .. ""
  end,
  W = function(d)
    return two((d.yday + 6 - (d.wday + 5) % 7) // 7)
  end,
  x = "%m/%d/%y",
  X = "%H:%M:%S",
  y = function(d)
    return two(d.year % 100)
  end,
  Y = function(d)
    return d.year .. ""
  end,
  z = "+0000",
  Z = function(d)
    return d.zone
  end,
  ["%"] = "%",
}
--- What may follow the modifiers.
local ALTERNATIVE = { E = "[cCxXyY]", O = "[deHImMSuUVwWy]" }

function date_as(template, d)
  local parts, n, i = {}, 0, 1
  while true do
    local at = find(template, "%", i, true)
    n = n + 1
    parts[n] = sub(template, i, (at or 0) - 1)
    if not at then
      return concat(parts)
    end
    local letter = sub(template, at + 1, at + 1)
    i = at + 2
    local allowed = ALTERNATIVE[letter]
    if allowed then
      letter = sub(template, at + 2, at + 2)
      i = at + 3
    end
    local specifier = SPECIFIERS[letter]
    if not specifier or allowed and not find(letter, allowed) then
      -- to C the rest of the template is the specifier
      local rest = match(template, "^[^%z]*", at)
      error("bad argument #1 to '?' (invalid conversion specifier '" .. rest .. "')", 0)
    end
    n = n + 1
    if type(specifier) == "function" then
      parts[n] = specifier(d)
    elseif letter == "%" or not find(specifier, "%", 1, true) then
      parts[n] = specifier
    else
      parts[n] = date_as(specifier, d)
    end
  end
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
    local whole = tointeger(time) or type(time) == "string" and tointeger(tonumber(time))
    if not whole then
      if math_type(time) then
        error("bad argument #2 to '?' (number has no integer representation)", 0)
      end
      error("bad argument #2 to '?' (number expected, got " .. vm.typename(time) .. ")", 0)
    end
    time = whole
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
  return (date_as(template, d)) -- no tail call, by which its name would be lost
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

--- There is nothing to leave.
function os.exit() end

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
