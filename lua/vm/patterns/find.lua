--- string.find and string.match that no pattern and no subject can keep busy unseen.

local vm = ...

local type, tonumber = type, tonumber
local byte, sub, raw_find, raw_match = string.byte, string.sub, string.find, string.match
local tointeger = math.tointeger
local charge = vm.charge

local patterns = vm.patterns
local known, look_up, allowed, text_of = patterns.known, patterns.look_up, patterns.allowed, patterns.text_of
local matcher = patterns.matcher
local FREE, STEPS = patterns.FREE, patterns.STEPS

local CARET = byte("^")

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
  local state = matcher.new_state(s, matcher.compile(p, anchored and 2 or 1))
  local from, e = matcher.search(state, i, anchored)
  if not from then
    return nil
  elseif finding then
    return from, e - 1, matcher.captures(state, from, e, false)
  end
  return matcher.captures(state, from, e, true)
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

--- For tests: our matcher whatever the pattern.
vm.slow_patterns = {
  find = function(s, p, init, plain)
    return slow_find(s, p, init, plain, true)
  end,
  match = function(s, p, init)
    return slow_find(s, p, init, false, false)
  end,
}
