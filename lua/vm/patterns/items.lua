--- What single items of a pattern match, for our own matcher. C still finds the ends of runs.

local vm = ...

local error = error
local raw_find, byte, format, sub = string.find, string.byte, string.format, string.sub
local charge = vm.charge

--- Charges for what C has gone over.
local function passed(count)
  if count > 64 then
    charge(count // 16)
  end
end

local OPEN_CAPTURE = -1

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

local patterns = vm.patterns
patterns.passed, patterns.run_end, patterns.balance = passed, run_end, balance
patterns.to_close, patterns.same_again = to_close, same_again
