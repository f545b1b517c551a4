--- How a pattern may be matched: C matches fast, and no hook sees it. So a pattern is looked at once, for how the time of
--- its worst case grows with the subject; C gets what is surely done soon, and is charged where that is not very soon.
--- All else is for our own matcher.

local vm = ...

local next, type, tostring = next, type, tostring
local byte, raw_find = string.byte, string.find
local huge, floor, math_type = math.huge, math.floor, math.type
local charge = vm.charge

local memo, raise_failed = vm.memo, vm.raise_failed

local patterns = {}
vm.patterns = patterns

--- The parts that take a pattern to pieces, and our own matcher, which needs these: read when they are first needed.
local PARSING = { "patterns/classes", "patterns/nodes" }
patterns.matcher =
  vm.functions_of("matcher", { "patterns/classes", "patterns/nodes", "patterns/items", "patterns/matcher" })

local CARET = byte("^")

--- Steps that C may take unseen, and charged.
local FREE, MOST = 1000000, 20000000
--- Steps of C for one instruction charged.
local STEPS = 1000
--- Patterns up to this length are looked at closely, and kept.
local LONG = 2000

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
    vm.fetch(PARSING)
    local nodes, n = patterns.parse(p, anchored and 2 or 1)
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

--- The text of a string or number; nil for anything else.
local function text_of(value)
  if type(value) == "string" then
    return value
  elseif math_type(value) then
    return tostring(value)
  end
end

patterns.known, patterns.look_up, patterns.allowed, patterns.text_of = known, look_up, allowed, text_of
patterns.FREE, patterns.MOST, patterns.STEPS = FREE, MOST, STEPS
