--- Dates as C's strftime writes them, in the only zone that there is.

local vm = ...

local error, type = error, type
local concat = table.concat
local format, sub, find, match = string.format, string.sub, string.find, string.match

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

vm.dates = { as = date_as }
