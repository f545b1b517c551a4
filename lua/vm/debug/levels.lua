--- The sandbox's error: its levels are those of the stack that a process sees, in which our frames do not count.

local vm = ...

local type, raw_error = type, error
local math_type, tointeger, tonumber = math.type, math.tointeger, tonumber
local getinfo = debug.getinfo

local ours, levels, info_of, pass = vm.ours, vm.levels, vm.info_of, vm.pass

--- error (message [, level])
function vm.error(...)
  local message, level = ...
  if level == nil then
    level = 1
  else
    local whole = tointeger(level) or type(level) == "string" and tointeger(tonumber(level))
    if not whole then
      local what = math_type(level) and "number has no integer representation"
        or "number expected, got " .. vm.typename(level)
      raw_error("bad argument #2 to '?' (" .. what .. ")", 0)
    end
    level = whole
  end
  if type(message) ~= "string" or level < 1 then
    if type(message) == "string" then
      pass(message)
    end
    raw_error(message, 0)
  end
  local info = getinfo(2, "Sl")
  if level > 1 or info and ours(info) then
    -- seen from levels(): 1 itself, 2 this function, 3 who has called it
    local map = levels(nil, 2, level + 1)
    local entry = map[level + 1]
    info = entry and info_of(nil, entry, "Sl")
  end
  if info and info.currentline > 0 and not ours(info) then
    message = info.short_src .. ":" .. info.currentline .. ": " .. message
  end
  pass(message)
end
