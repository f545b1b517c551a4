--- Patterns as lists of nodes: what our matcher goes by, and what is looked at before C gets a pattern.

local vm = ...

local raw_find, raw_gsub = string.find, string.gsub
local byte, char = string.byte, string.char
local type, error, next, pcall, setmetatable = type, error, next, pcall, setmetatable
local wrap, yield = coroutine.wrap, coroutine.yield
local concat = table.concat

local PERCENT, DOLLAR, CARET, OPEN, CLOSE, SQUARE, SHUT = byte("%$^()[]", 1, -1)
local STAR, PLUS, MINUS, OPTION, DOT = byte("*+-?.", 1, -1)

--- Patterns up to this length are kept.
local LONG = 2000

--- Why a memo could not make a field.
local failed

--- A table whose missing fields are made by make(key), and kept as long as there are not more than `keep`.
-- That happens in a coroutine without a hook, behind a C function: it costs the caller the same whether the field is
-- there or not. make must not run anything of the process's. A field is nil when that has failed, and `failed` says why.
local function memo(keep, make)
  local count, t = 0, {}
  local function fetch(key)
    local value = make(key)
    if type(key) == "string" and #key > LONG then
      return value -- too large to be kept
    end
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

-- Classes: tables byte → true ---------------------------------------------------------------------------------------

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

vm.pattern_nodes = { memo = memo, parse = parse, raise_failed = raise_failed }
