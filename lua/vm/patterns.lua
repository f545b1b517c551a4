--- string.find, match, gmatch and gsub that no pattern and no subject can keep busy unseen.
--
-- C matches fast, and no hook sees it. So a pattern is looked at once, for how the time of its worst case grows with the
-- subject; C gets what is surely done soon, and is charged where that is not very soon. All else is for our own matcher.

local vm = ...

vm.part("pattern_nodes")
vm.part("matcher")

local raw_find, raw_match, raw_gmatch, raw_gsub = string.find, string.match, string.gmatch, string.gsub
local byte, sub, format = string.byte, string.sub, string.format
local type, error, tostring, tonumber, next = type, error, tostring, tonumber, next
local concat = table.concat
local math_type, tointeger, floor, huge = math.type, math.tointeger, math.floor, math.huge
local charge = vm.charge
local memo, parse, raise_failed = vm.pattern_nodes.memo, vm.pattern_nodes.parse, vm.pattern_nodes.raise_failed
local compile, new_state, search = vm.matcher.compile, vm.matcher.new_state, vm.matcher.search
local capture, captures = vm.matcher.capture, vm.matcher.captures

-- How a pattern may be matched -----------------------------------------------------------------------------------------

--- Steps that C may take unseen, and charged.
local FREE, MOST = 1000000, 20000000
--- Steps of C for one instruction charged.
local STEPS = 1000
--- Patterns up to this length are looked at closely, and kept.
local LONG = 2000
--- Subjects up to this length are nothing to speak of, unless the pattern is a bad one.
local SHORT = 64

local PERCENT, CARET = byte("%^", 1, -1)

local function disjoint(a, b)
  for c in next, a.bytes do
    if b.bytes[c] then
      return false
    end
  end
  return true
end

local CAPTURE = { open = true, close = true, position = true }

--- The next node that is no capture.
local function after(nodes, i)
  repeat
    i = i + 1
  until not CAPTURE[nodes[i].op]
  return nodes[i], i
end

--- The exponent of the worst case of an attempt at one place, and whether one may fail after more than a step.
local function growth(nodes, n)
  local exponent, linear, late = 0, false, false
  local run = false -- whether an item that may be long has been passed
  for i = 1, n do
    local node = nodes[i]
    local op = node.op
    if op == "*" or op == "+" or op == "-" then
      local next_node = after(nodes, i)
      if run and op == "+" then
        late = true
      end
      if next_node.op == "match" then -- luacheck: ignore 542
        -- takes what it can get, and is done
        linear = linear or op ~= "-"
      elseif
        (op ~= "-" and (next_node.op == "one" or next_node.op == "+") and disjoint(node.class, next_node.class))
        or (op == "-" and next_node.op == "one" and after(nodes, i + 1).op == "match")
      then
        linear = true
        late = true
      else
        exponent = exponent + 1
        late = true
      end
      run = true
    elseif op == "?" then
      if after(nodes, i).op ~= "match" then
        -- two ways to go on
        exponent = exponent + 0.25
        late = true
      end
    elseif op == "back" or op == "balance" then
      linear = true
      late = true
      run = true
    elseif op == "one" or op == "end" or op == "frontier" then
      if run then
        late = true
      end
    elseif op == "error" then
      break
    end
  end
  if linear then
    exponent = exponent + 1
  end
  return exponent, late
end

--- Looks at a pattern: how long a subject may be for C to match it unseen, and charged.
local function study(p)
  local plain = not raw_find(p, "[%^%$%*%+%?%.%(%[%%%-]")
  local info
  local weight = #p + 8
  if plain then
    info = { plain = true, exponent = 1, factor = weight / 8 }
  elseif #p > LONG then
    -- not worth a look: nobody writes such a pattern
    info = { exponent = huge, factor = 1 }
  else
    local anchored = byte(p) == CARET
    local nodes, n = parse(p, anchored and 2 or 1)
    local exponent, late = growth(nodes, n)
    if not anchored then
      if late then
        exponent = exponent + 1
      elseif exponent < 1 then
        exponent = 1
      end
    end
    info = { exponent = exponent, factor = #p < 24 and 1 or #p / 16 }
  end
  if info.exponent == huge then
    info.free, info.most = -1, -1
  elseif info.exponent == 0 then
    info.free, info.most = huge, huge
  else
    info.free = floor((FREE / info.factor) ^ (1 / info.exponent))
    info.most = floor((MOST / info.factor) ^ (1 / info.exponent))
  end
  return info
end

--- What is known of what is no string.
local NOTHING = { free = -1, most = -1, exponent = huge }

--- What is known of patterns: text → {free, most, exponent, …}.
local known = memo(512, function(p)
  return type(p) == "string" and study(p) or NOTHING
end)

--- `known`, for a string or a number.
local function look_up(p)
  local info = known[p]
  if not info then
    raise_failed()
  end
  return info
end

--- Whether C may match p against a subject of n bytes; charges for it.
local function allowed(info, n)
  if n <= info.free then
    return true
  elseif n <= info.most then
    charge(floor(info.factor * n ^ info.exponent / STEPS))
    return true
  end
  return false
end

-- find and match -----------------------------------------------------------------------------------------------------

local WINDOW = 65536
local PREFIX = 512

--- A plain search whose worst case is long: by the beginning of the needle, in windows.
local function find_plain(s, needle, i)
  local length, size = #s, #needle
  local head = sub(needle, 1, PREFIX)
  local last = length - size + 1
  while i <= last do
    local stop = i + WINDOW - 1
    if stop > last then
      stop = last
    end
    charge(2048 + (stop - i) * #head // STEPS)
    local found = raw_find(sub(s, i, stop + #head - 1), head, 1, true)
    if not found then
      i = stop + 1
    else
      i = i + found - 1
      if i > last then
        return nil
      end
      charge(size // 16)
      if size <= PREFIX or sub(s, i, i + size - 1) == needle then
        return i, i + size - 1
      end
      i = i + 1
    end
  end
  return nil
end

--- The starting position that the argument `init` means; nil when it lies behind the end.
local function start(init, length)
  init = init == nil and 1 or tointeger(type(init) == "string" and tonumber(init) or init)
  if init < 0 then
    init = length + init + 1
    if init < 1 then
      init = 1
    end
  elseif init == 0 then
    init = 1
  end
  if init > length + 1 then
    return nil
  end
  return init
end

--- Whether C has something to say about a start.
local function no_start(init)
  return init ~= nil and not tointeger(type(init) == "string" and tonumber(init) or init)
end

local function slow_find(s, p, init, plain, finding)
  local i = start(init, #s)
  if not i then
    return nil
  end
  if finding and (plain or look_up(p).plain) then
    return find_plain(s, p, i)
  end
  local anchored = byte(p) == CARET
  local state = new_state(s, compile(p, anchored and 2 or 1))
  local from, e = search(state, i, anchored)
  if not from then
    return nil
  elseif finding then
    return from, e - 1, captures(state, from, e, false)
  end
  return captures(state, from, e, true)
end

--- The text of a string or number; nil for anything else.
local function text_of(value)
  if type(value) == "string" then
    return value
  elseif math_type(value) then
    return tostring(value)
  end
end

--- string.find
function vm.find_text(...)
  local s, p, init, plain = ...
  if type(s) == "string" then
    local info = known[p]
    if info and #s <= info.free and not plain then
      return raw_find(s, p, init)
    end
  end
  local text, pattern = text_of(s), text_of(p)
  if text and pattern then
    if no_start(init) then
      return raw_find("", "", init)
    elseif plain then
      if #text * #pattern > FREE then
        return slow_find(text, pattern, init, true, true)
      end
    elseif not allowed(look_up(pattern), #text) then
      return slow_find(text, pattern, init, false, true)
    end
  end
  return raw_find(...) -- as many as were given: C says which is missing
end

--- string.match
function vm.match(...)
  local s, p, init = ...
  if type(s) == "string" then
    local info = known[p]
    if info and #s <= info.free then
      return raw_match(s, p, init)
    end
  end
  local text, pattern = text_of(s), text_of(p)
  if text and pattern and not allowed(look_up(pattern), #text) then
    if no_start(init) then
      return raw_match("", "", init)
    end
    return slow_find(text, pattern, init, false, false)
  end
  return raw_match(...)
end

-- gmatch and gsub ----------------------------------------------------------------------------------------------------

local function slow_gmatch(s, p)
  local state = new_state(s, compile(p, 1))
  local i, last = 1, nil
  return function()
    while i <= #s + 1 do
      local from, e = search(state, i, false)
      if not from then
        break
      elseif e ~= last then
        i, last = e, e
        return captures(state, from, e, true)
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
  local state = new_state(s, compile(p, anchored and 2 or 1))
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
    local from, e = search(state, i, anchored)
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
            part = capture(state, part, from, e)
          elseif not part then
            error("invalid use of '%' in replacement string", 0)
          end
          n = n + 1
          out[n] = part
        end
      else
        if kind == "table" then
          value = replacement[capture(state, 1, from, e)]
        else
          value = replacement(captures(state, from, e, true))
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

--- For tests: our matcher whatever the pattern.
vm.slow_patterns = {
  gmatch = slow_gmatch,
  find = function(s, p, init, plain)
    return slow_find(s, p, init, plain, true)
  end,
  match = function(s, p, init)
    return slow_find(s, p, init, false, false)
  end,
  gsub = function(s, p, replacement, limit)
    return slow_gsub(s, p, replacement, limit or #s + 1)
  end,
}
