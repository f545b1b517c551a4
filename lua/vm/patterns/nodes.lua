--- Patterns as lists of nodes: what our matcher goes by, and what is looked at before C gets a pattern.
--
-- Errors are nodes as well, since C raises them only when it gets there.

local vm = ...

local byte = string.byte

local patterns = vm.patterns
local letters, every, set_bytes, new_class = patterns.letters, patterns.every, patterns.set_bytes, patterns.new_class

local PERCENT, DOLLAR, CARET, OPEN, CLOSE, SQUARE, SHUT = byte("%$^()[]", 1, -1)
local STAR, PLUS, MINUS, OPTION, DOT = byte("*+-?.", 1, -1)

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

patterns.parse = parse
