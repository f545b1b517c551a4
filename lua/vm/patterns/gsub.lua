--- string.gmatch and string.gsub that no pattern and no subject can keep busy unseen.

local vm = ...

local type, tostring, error = type, tostring, error
local byte, raw_gmatch, raw_find, sub, format, raw_gsub =
  string.byte, string.gmatch, string.find, string.sub, string.format, string.gsub
local concat = table.concat
local math_type, tointeger = math.type, math.tointeger
local charge = vm.charge

local patterns = vm.patterns
local known, look_up, allowed, text_of = patterns.known, patterns.look_up, patterns.allowed, patterns.text_of
local matcher, MOST = patterns.matcher, patterns.MOST

local PERCENT, CARET = byte("%^", 1, -1)
--- Longer replacements are charged for.
local LONG = 2000
--- Subjects up to this length are nothing to speak of, unless the pattern is a bad one.
local SHORT = 64

local function slow_gmatch(s, p)
  local state = matcher.new_state(s, matcher.compile(p, 1))
  local i, last = 1, nil
  return function()
    while i <= #s + 1 do
      local from, e = matcher.search(state, i, false)
      if not from then
        break
      elseif e ~= last then
        i, last = e, e
        return matcher.captures(state, from, e, true)
      end
      i = from + 1
    end
    i = #s + 2
    return nil
  end
end

--- string.gmatch
function vm.gmatch(...)
  local s, p = ...
  if type(s) == "string" and #s <= SHORT then
    local info = known[p]
    if info and #s <= info.free then
      return raw_gmatch(s, p)
    end
  end
  local text, pattern = text_of(s), text_of(p)
  -- here "^" is no anchor
  if text and pattern and (byte(pattern) == CARET and #text > SHORT or not allowed(look_up(pattern), #text)) then
    return slow_gmatch(text, pattern)
  end
  return raw_gmatch(...)
end

--- The parts of a replacement string: texts, and numbers of captures.
local function template(replacement)
  local parts, n, i = {}, 0, 1
  while true do
    local at = raw_find(replacement, "%", i, true)
    n = n + 1
    parts[n] = sub(replacement, i, (at or 0) - 1)
    if not at then
      return parts, n
    end
    local c = byte(replacement, at + 1)
    n = n + 1
    if c == PERCENT then
      parts[n] = "%"
    elseif c and c >= 48 and c <= 57 then
      parts[n] = c - 48
    else
      parts[n] = false
    end
    i = at + 2
  end
end

local function slow_gsub(s, p, replacement, limit)
  local kind = type(replacement)
  local anchored = byte(p) == CARET
  local state = matcher.new_state(s, matcher.compile(p, anchored and 2 or 1))
  local out, n, count = {}, 0, 0
  local i, last, copied = 1, nil, 1
  local parts, size
  if kind == "number" then
    replacement, kind = tostring(replacement), "string"
  end
  if kind == "string" then
    parts, size = template(replacement)
  end
  while count < limit and i <= #s + 1 do
    local from, e = matcher.search(state, i, anchored)
    if not from then
      break
    end
    if e == last then
      i = from + 1
    else
      count = count + 1
      if from > copied then
        n = n + 1
        out[n] = sub(s, copied, from - 1)
      end
      local value
      if parts then
        for j = 1, size do
          local part = parts[j]
          if part == 0 then
            part = sub(s, from, e - 1)
          elseif math_type(part) then
            part = matcher.capture(state, part, from, e)
          elseif not part then
            error("invalid use of '%' in replacement string", 0)
          end
          n = n + 1
          out[n] = part
        end
      else
        if kind == "table" then
          value = replacement[matcher.capture(state, 1, from, e)]
        else
          value = replacement(matcher.captures(state, from, e, true))
        end
        if not value then
          value = sub(s, from, e - 1)
        elseif type(value) ~= "string" and not math_type(value) then
          error(format("invalid replacement value (a %s)", type(value)), 0)
        end
        n = n + 1
        out[n] = value
      end
      i, last, copied = e, e, e
    end
    if anchored then
      break
    end
  end
  if copied == 1 and n == 0 then
    return s, count
  end
  n = n + 1
  out[n] = sub(s, copied)
  local result = concat(out, "", 1, n)
  charge(#result // 16)
  return result, count
end

local REPLACEMENTS = { string = true, number = true, table = true, ["function"] = true }

--- string.gsub
function vm.gsub(...)
  local s, p, replacement, limit = ...
  if type(s) == "string" and #s <= SHORT then
    local info = known[p]
    if info and #s <= info.free and (type(replacement) ~= "string" or #replacement <= LONG) then
      return raw_gsub(...)
    end
  end
  local text, pattern = text_of(s), text_of(p)
  if text and pattern and REPLACEMENTS[type(replacement)] then
    local info = look_up(pattern)
    local n = #text
    if n > SHORT or n > info.free then
      local most = limit == nil and n + 1 or tointeger(limit)
      local weight = type(replacement) == "string" and #replacement or 0
      if most and (weight * n > MOST or (info.plain and n > MOST) or not allowed(info, n)) then
        return slow_gsub(text, pattern, replacement, most)
      end
      charge((n + weight * n // 64) // 16)
    elseif type(replacement) == "string" and #replacement > LONG then
      charge(#replacement * n // 64)
    end
  end
  return raw_gsub(...)
end

-- For tests: our matcher whatever the pattern.
vm.slow_patterns.gmatch = slow_gmatch
function vm.slow_patterns.gsub(s, p, replacement, limit)
  return slow_gsub(s, p, replacement, limit or #s + 1)
end
