--- string.find, match, gmatch and gsub that no pattern and no subject can keep busy unseen.
--
-- C matches fast, and no hook sees it. So a pattern is looked at once, for how the time of its worst case grows with the
-- subject; C gets what is surely done soon, and is charged where that is not very soon. All else is matched by our own
-- matcher below, which does the same in Lua, where the hook counts.

local vm = ...

local raw_find, raw_match, raw_gmatch, raw_gsub = string.find, string.match, string.gmatch, string.gsub
local byte, char, sub, format = string.byte, string.char, string.sub, string.format
local type, error, tostring, next, pcall, setmetatable = type, error, tostring, next, pcall, setmetatable
local wrap, yield = coroutine.wrap, coroutine.yield
local concat, unpack = table.concat, table.unpack
local math_type, tointeger, floor, huge = math.type, math.tointeger, math.floor, math.huge
local charge = vm.charge

-- How a pattern may be matched -----------------------------------------------------------------------------------------

--- Steps that C may take unseen, and charged.
local FREE, MOST = 1000000, 50000000
--- Steps of C for one instruction charged.
local STEPS = 1000

local PERCENT, DOLLAR, CARET, OPEN, CLOSE, SQUARE, SHUT = byte("%$^()[]", 1, -1)
local STAR, PLUS, MINUS, OPTION, DOT = byte("*+-?.", 1, -1)

-- Classes: a table byte → true, made once for each text --------------------------------------------------------------

--- A table whose missing fields are made by make(key), and kept as long as there are not more than `keep`.
-- That happens in a coroutine without a hook, behind a C function: it costs the caller the same whether the field is
-- there or not. make must not run anything of the process's. A field is nil when that has failed, and `failed` says why.
local failed

local function memo(keep, make)
  local count, t = 0, {}
  local function fetch(key)
    local value = make(key)
    count = count + 1
    if count > keep then
      for old in next, t do
        t[old] = nil
      end
      count = 1
    end
    t[key] = value
    return value
  end
  local index = wrap(function(_, key)
    while true do
      local ok, value = pcall(fetch, key)
      if not ok then
        failed, value = value, nil
      end
      _, key = yield(value)
    end
  end)
  return setmetatable(t, { __index = index })
end

--- Raises what has kept a memo from making a field.
local function raise_failed()
  if failed == "not enough memory" then
    vm.strike("memory")
  end
  error(failed, 0)
end

--- The bytes that a class letter such as %a stands for; false for other letters.
local letters = memo(256, function(letter)
  if not raw_find("acdglpsuwxACDGLPSUWX", char(letter), 1, true) then
    return false
  end
  local bytes = {}
  for b = 0, 255 do
    if raw_find(char(b), "%" .. char(letter)) then
      bytes[b] = true
    end
  end
  return bytes
end)

local every = {}
for b = 0, 255 do
  every[b] = true
end

--- Bytes of the set whose text runs from `from` ("[") to `to` ("]").
local function set_bytes(p, from, to)
  local bytes, i = {}, from + 1
  local negated = byte(p, i) == CARET
  if negated then
    i = i + 1
  end
  while i < to do
    local c = byte(p, i)
    if c == PERCENT then
      i = i + 1
      c = byte(p, i)
      local class = letters[c]
      if class then
        for b in next, class do
          bytes[b] = true
        end
      else
        bytes[c] = true
      end
    elseif byte(p, i + 1) == MINUS and i + 2 < to then
      for b = c, byte(p, i + 2) do
        bytes[b] = true
      end
      i = i + 2
    else
      bytes[c] = true
    end
    i = i + 1
  end
  if negated then
    local others = {}
    for b = 0, 255 do
      if not bytes[b] then
        others[b] = true
      end
    end
    return others
  end
  return bytes
end

--- The text of a class of these bytes, or of all others; nil for an empty one.
local function class_text(bytes, others)
  local parts, n, b = {}, 0, 0
  while b <= 255 do
    if (bytes[b] == true) ~= others then
      local last = b
      while last < 255 and (bytes[last + 1] == true) ~= others do
        last = last + 1
      end
      n = n + 1
      -- ends of a range stand as they are: what has a meaning there stands alone
      if last - b >= 2 and not raw_find(char(b) .. char(last), "[%%%]%^%-]") then
        parts[n] = char(b) .. "-" .. char(last)
        b = last
      else
        parts[n] = raw_gsub(char(b), "%p", "%%%0")
      end
    end
    b = b + 1
  end
  if n == 0 then
    return nil
  end
  return "[" .. concat(parts) .. "]"
end

--- One class: its bytes, a pattern that finds one of them, and one that finds anything else.
local function new_class(bytes)
  return { bytes = bytes, yes = class_text(bytes, false), no = class_text(bytes, true) }
end

-- Parsing ------------------------------------------------------------------------------------------------------------

-- A pattern is a list of nodes; errors are nodes as well, since C raises them only when it gets there.

local function trouble(text)
  return { op = "error", text = text }
end

--- Where the single item at i ends (exclusive), or nil and an error node.
local function item_end(p, i)
  local c = byte(p, i)
  if c == PERCENT then
    if i + 1 > #p then
      return nil, trouble("malformed pattern (ends with '%')")
    end
    return i + 2
  elseif c == SQUARE then
    local j = i + 1
    if byte(p, j) == CARET then
      j = j + 1
    end
    repeat
      if j > #p then
        return nil, trouble("malformed pattern (missing ']')")
      end
      local b = byte(p, j)
      j = j + 1
      if b == PERCENT and j <= #p then
        j = j + 1
      end
    until byte(p, j) == SHUT
    if j > #p then
      return nil, trouble("malformed pattern (missing ']')")
    end
    return j + 1
  end
  return i + 1
end

local function item_class(p, i, stop)
  local c = byte(p, i)
  local bytes
  if c == DOT then
    bytes = every
  elseif c == PERCENT then
    local b = byte(p, i + 1)
    bytes = letters[b] or { [b] = true }
  elseif c == SQUARE then
    bytes = set_bytes(p, i, stop - 1)
  else
    bytes = { [c] = true }
  end
  return new_class(bytes)
end

local QUANTIFIERS = { [STAR] = "*", [PLUS] = "+", [MINUS] = "-", [OPTION] = "?" }

--- The nodes of the pattern from position i on.
local function parse(p, i)
  local nodes, n, length = {}, 0, #p
  while i <= length do
    local c = byte(p, i)
    local node
    local following = byte(p, i + 1)
    if c == OPEN then
      node = { op = following == CLOSE and "position" or "open" }
      i = i + (following == CLOSE and 2 or 1)
    elseif c == CLOSE then
      node = { op = "close" }
      i = i + 1
    elseif c == DOLLAR and i == length then
      node = { op = "end" }
      i = i + 1
    elseif c == PERCENT and following == 98 then -- %b
      if i + 3 > length then
        node = trouble("malformed pattern (missing arguments to '%b')")
        i = length + 1
      else
        local a, b = byte(p, i + 2, i + 3)
        node = { op = "balance", first = a, last = b, class = new_class({ [a] = true, [b] = true }) }
        i = i + 4
      end
    elseif c == PERCENT and following == 102 then -- %f
      i = i + 2
      if byte(p, i) ~= SQUARE then
        node = trouble("missing '[' after '%f' in pattern")
        i = length + 1
      else
        local stop, wrong = item_end(p, i)
        if stop then
          node = { op = "frontier", class = item_class(p, i, stop) }
          i = stop
        else
          node = wrong
          i = length + 1
        end
      end
    elseif c == PERCENT and following and following >= 48 and following <= 57 then
      node = { op = "back", index = following - 48 }
      i = i + 2
    else
      local stop, wrong = item_end(p, i)
      if stop then
        local quantifier = QUANTIFIERS[byte(p, stop)]
        node = { op = quantifier or "one", class = item_class(p, i, stop) }
        i = stop + (quantifier and 1 or 0)
      else
        node = wrong
        i = length + 1
      end
    end
    n = n + 1
    nodes[n] = node
  end
  nodes[n + 1] = { op = "match" }
  return nodes, n
end

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
  elseif #p > 2000 then
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

local NOTHING = {}

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

-- The matcher --------------------------------------------------------------------------------------------------------

local MAX_DEPTH, MAX_CAPTURES = 200, 32
local OPEN_CAPTURE, POSITION = -1, -2

local LONG = 2000

--- Compiled patterns of the matcher, by the position that they begin at.
local parsed = {
  memo(64, function(p)
    return (parse(p, 1))
  end),
  memo(64, function(p)
    return (parse(p, 2))
  end),
}

local function compile(p, from)
  if #p > LONG then
    -- counted, and not kept
    return (parse(p, from))
  end
  local nodes = parsed[from][p]
  if not nodes then
    raise_failed()
  end
  return nodes
end

--- Charges for what C has gone over.
local function passed(count)
  if count > 64 then
    charge(count // 16)
  end
end

local function new_state(s, nodes)
  return { s = s, length = #s, nodes = nodes, level = 0, starts = {}, lengths = {}, depth = MAX_DEPTH }
end

--- The last position of the run of the class's bytes that begins at i (i - 1 if there is none).
local function run_end(state, class, i)
  if not class.no then
    return state.length
  end
  local stop = (raw_find(state.s, class.no, i) or state.length + 1) - 1
  passed(stop - i)
  return stop
end

local function balance(state, node, i)
  local s = state.s
  if byte(s, i) ~= node.first then
    return nil
  end
  local nested, first, last, yes = 1, node.first, node.last, node.class.yes
  local at = i
  while true do
    local found = raw_find(s, yes, at + 1)
    passed((found or state.length) - at)
    if not found then
      return nil
    end
    at = found
    local c = byte(s, at)
    if c == last then
      nested = nested - 1
      if nested == 0 then
        return at + 1
      end
    elseif c == first then
      nested = nested + 1
    end
  end
end

--- The capture that `)` closes.
local function to_close(state)
  local lengths = state.lengths
  for l = state.level, 1, -1 do
    if lengths[l] == OPEN_CAPTURE then
      return l
    end
  end
  error("invalid pattern capture", 0)
end

local function same_again(state, index, i)
  local l = index
  if l < 1 or l > state.level or state.lengths[l] == OPEN_CAPTURE then
    error(format("invalid capture index %%%d", l), 0)
  end
  local length = state.lengths[l]
  if length < 0 then
    return nil -- a position is never there again
  end
  if state.length - i + 1 < length then
    return nil
  end
  passed(length)
  local from = state.starts[l]
  if sub(state.s, from, from + length - 1) == sub(state.s, i, i + length - 1) then
    return i + length
  end
  return nil
end

local match_at

--- The longest run first, then ever shorter ones.
local function longest(state, class, i, at)
  local nodes, s = state.nodes, state.s
  local stop = run_end(state, class, i)
  local following = nodes[at + 1]
  if following.op == "one" then
    local bytes = following.class.bytes
    for j = stop + 1, i, -1 do
      if bytes[byte(s, j)] then
        local e = match_at(state, j, at + 1)
        if e then
          return e
        end
      end
    end
    return nil
  end
  for j = stop + 1, i, -1 do
    local e = match_at(state, j, at + 1)
    if e then
      return e
    end
  end
  return nil
end

--- The shortest run first.
local function shortest(state, class, i, at)
  local nodes, s = state.nodes, state.s
  local stop = run_end(state, class, i)
  local following = nodes[at + 1]
  if following.op == "one" then
    local yes = following.class.yes
    local j = i
    while yes do
      local found = raw_find(s, yes, j)
      passed((found or state.length) - j)
      if not found or found > stop + 1 then
        return nil
      end
      local e = match_at(state, found, at + 1)
      if e then
        return e
      end
      j = found + 1
    end
    return nil
  end
  for j = i, stop + 1 do
    local e = match_at(state, j, at + 1)
    if e then
      return e
    end
  end
  return nil
end

--- Matches the nodes from `at` on at position i: the position after the match, or nil. Goes as lstrlib's match does,
--- so that the same patterns are too complex.
function match_at(state, i, at)
  local depth = state.depth
  if depth == 0 then
    error("pattern too complex", 0)
  end
  state.depth = depth - 1
  local nodes, s = state.nodes, state.s
  while true do
    local node = nodes[at]
    local op = node.op
    if op == "one" then
      if not node.class.bytes[byte(s, i)] then
        i = nil
        break
      end
      i = i + 1
      at = at + 1
    elseif op == "match" then
      break
    elseif op == "*" or op == "-" then
      if node.class.bytes[byte(s, i)] then
        i = (op == "*" and longest or shortest)(state, node.class, i, at)
        break
      end
      at = at + 1
    elseif op == "+" then
      if node.class.bytes[byte(s, i)] then
        i = longest(state, node.class, i + 1, at)
      else
        i = nil
      end
      break
    elseif op == "?" then
      if node.class.bytes[byte(s, i)] then
        local e = match_at(state, i + 1, at + 1)
        if e then
          i = e
          break
        end
      end
      at = at + 1
    elseif op == "open" or op == "position" then
      local level = state.level + 1
      if level > MAX_CAPTURES then
        error("too many captures", 0)
      end
      state.starts[level] = i
      state.lengths[level] = op == "open" and OPEN_CAPTURE or POSITION
      state.level = level
      i = match_at(state, i, at + 1)
      if not i then
        state.level = state.level - 1
      end
      break
    elseif op == "close" then
      local l = to_close(state)
      state.lengths[l] = i - state.starts[l]
      i = match_at(state, i, at + 1)
      if not i then
        state.lengths[l] = OPEN_CAPTURE
      end
      break
    elseif op == "end" then
      if i ~= state.length + 1 then
        i = nil
      end
      break
    elseif op == "balance" then
      i = balance(state, node, i)
      if not i then
        break
      end
      at = at + 1
    elseif op == "frontier" then
      local bytes = node.class.bytes
      if bytes[i > 1 and byte(s, i - 1) or 0] or not bytes[byte(s, i) or 0] then
        i = nil
        break
      end
      at = at + 1
    elseif op == "back" then
      i = same_again(state, node.index, i)
      if not i then
        break
      end
      at = at + 1
    else
      error(node.text, 0)
    end
  end
  state.depth = state.depth + 1
  return i
end

--- The first match at or after i: where it begins and the position after it.
local function search(state, i, anchored)
  local first = state.nodes[1]
  local yes = (first.op == "one" or first.op == "+") and first.class.yes
  local s, last = state.s, state.length + 1
  while true do
    if yes and not anchored then
      local found = raw_find(s, yes, i)
      passed((found or last) - i)
      if not found then
        return nil
      end
      i = found
    end
    state.level, state.depth = 0, MAX_DEPTH
    local e = match_at(state, i, 1)
    if e then
      return i, e
    end
    i = i + 1
    if anchored or i > last then
      return nil
    end
  end
end

--- Capture l of a match from i up to e.
local function capture(state, l, i, e)
  if l > state.level then
    if l ~= 1 then
      error(format("invalid capture index %%%d", l), 0)
    end
    return sub(state.s, i, e - 1)
  end
  local length = state.lengths[l]
  if length == OPEN_CAPTURE then
    error("unfinished capture", 0)
  elseif length == POSITION then
    return state.starts[l]
  end
  return sub(state.s, state.starts[l], state.starts[l] + length - 1)
end

--- All captures, the whole match where there are none (`whole`).
local function captures(state, i, e, whole)
  local n = state.level
  if n == 0 then
    if whole then
      return sub(state.s, i, e - 1)
    end
    return
  elseif n == 1 then
    return capture(state, 1, i, e)
  end
  local values = {}
  for l = 1, n do
    values[l] = capture(state, l, i, e)
  end
  return unpack(values, 1, n)
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
  init = init == nil and 1 or tointeger(init)
  if not init then
    return nil, true
  end
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

local function slow_find(s, p, init, plain, finding)
  local i, wrong = start(init, #s)
  if wrong then
    return (finding and raw_find or raw_match)("", "", init)
  elseif not i then
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
  if type(s) == "string" and type(p) == "string" and #s <= look_up(p).free and not plain then
    return raw_find(s, p, init, plain)
  end
  local text, pattern = text_of(s), text_of(p)
  if text and pattern then
    if plain then
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
  if type(s) == "string" and type(p) == "string" and #s <= look_up(p).free then
    return raw_match(s, p, init)
  end
  local text, pattern = text_of(s), text_of(p)
  if text and pattern and not allowed(look_up(pattern), #text) then
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
  local text, pattern = text_of(s), text_of(p)
  -- here "^" is no anchor
  if text and pattern and (byte(pattern) == CARET and #text > 64 or not allowed(look_up(pattern), #text)) then
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
  local text, pattern = text_of(s), text_of(p)
  if text and pattern and REPLACEMENTS[type(replacement)] then
    local info = look_up(pattern)
    local n = #text
    if n > 64 or n > info.free then
      local most = limit == nil and n + 1 or tointeger(limit)
      local weight = type(replacement) == "string" and #replacement or 0
      if most and (weight * n > MOST or (info.plain and n > MOST) or not allowed(info, n)) then
        return slow_gsub(text, pattern, replacement, most)
      end
      charge((n + weight * n // 64) // 16)
    elseif type(replacement) == "string" and #replacement > 4096 then
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
