--- Our own matcher of patterns: it does what lstrlib's does, in Lua, where the hook counts.

local vm = ...

local error = error
local byte, raw_find, format, sub = string.byte, string.find, string.format, string.sub
local unpack = table.unpack

local memo, raise_failed, patterns = vm.memo, vm.raise_failed, vm.patterns
local parse, passed, run_end = patterns.parse, patterns.passed, patterns.run_end
local balance, to_close, same_again = patterns.balance, patterns.to_close, patterns.same_again

--- Patterns up to this length are kept, compiled.
local LONG = 2000
local MAX_DEPTH, MAX_CAPTURES = 200, 32
local OPEN_CAPTURE, POSITION = -1, -2

--- Compiled patterns of the matcher, by the position that they begin at.
local parsed = {
  memo(64, function(p)
    return (parse(p, 1))
  end),
  memo(64, function(p)
    return (parse(p, 2))
  end),
}

--- The nodes of the pattern p from position `from` (1 or 2) on.
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

local function new_state(s, nodes)
  return { s = s, length = #s, nodes = nodes, level = 0, starts = {}, lengths = {}, depth = MAX_DEPTH }
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

vm.matcher = { compile = compile, new_state = new_state, search = search, capture = capture, captures = captures }
