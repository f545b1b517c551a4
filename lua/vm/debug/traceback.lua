--- debug.traceback: the stack as text, as a process sees it.

local vm = ...

local type, error, select, tostring = type, error, select, tostring
local concat = table.concat
local math_tointeger = math.tointeger

local ours, levels, depth, NEAR, global_name = vm.ours, vm.levels, vm.depth, vm.NEAR, vm.global_name
local info_of = vm.info_of

local function line_of(info)
  local where
  if ours(info) or info.what == "C" then
    where = "[C]: in "
  elseif info.currentline > 0 then
    where = info.short_src .. ":" .. info.currentline .. ": in "
  else
    where = info.short_src .. ": in "
  end
  local name = not info.words and info.func and global_name(info.func)
  if info.words then
    where = where .. info.words
  elseif name then
    where = where .. "function '" .. name .. "'"
  elseif info.namewhat ~= "" then
    where = where .. info.namewhat .. " '" .. info.name .. "'"
  elseif info.what == "main" and not ours(info) then
    where = where .. "main chunk"
  elseif info.what ~= "C" and not ours(info) then
    where = where .. "function <" .. info.short_src .. ":" .. info.linedefined .. ">"
  else
    where = where .. "?"
  end
  return where
end

local FIRST, LAST = 10, 11

--- The text of a traceback; `skip` is Lua's level of the first frame.
local function trace(co, message, skip, from)
  local base = co and 0 or 1
  local map, count = levels(co, skip + base, from + FIRST + LAST)
  local lines, n = {}, 0
  if message then
    n = n + 1
    lines[n] = message
  end
  n = n + 1
  lines[n] = "stack traceback:"
  local last = count
  local cut = count >= from + FIRST + LAST
  if cut then
    last = from + FIRST - 1
  end
  local i = from
  while i <= last do
    local info = info_of(co, map[i], "Slntf")
    n = n + 1
    lines[n] = "\t" .. line_of(info)
    if info.istailcall then
      n = n + 1
      lines[n] = "\t(...tail calls...)"
    end
    if cut and i == last then
      -- the rest: from so many levels of Lua's up that the last ones of a process's are surely there
      n = n + 1
      lines[n] = "\t..."
      cut = false
      local bottom = depth(co) - 4 * NEAR
      local first = (type(map[i]) == "table" and map[i].level or map[i]) + 1
      map, count = levels(co, bottom > first and bottom or first, 8 * NEAR)
      i, last = count - LAST, count
      if i < 0 then
        i = 0
      end
    end
    i = i + 1
  end
  return concat(lines, "\n")
end

local sandbox = {}
vm.debug = sandbox

--- debug.traceback ([thread,] [message [, level]])
function sandbox.traceback(...)
  local co, message, level = nil, ...
  if type(message) == "thread" then
    co, message, level = ...
  end
  if message ~= nil and type(message) ~= "string" and type(message) ~= "number" then
    return message
  end
  level = level == nil and (co and 0 or 1) or math_tointeger(level)
  if not level then
    local n = co and 3 or 2
    error("bad argument #" .. n .. " to '?' (number expected, got " .. vm.typename(select(n, ...)) .. ")", 0)
  end
  message = message ~= nil and tostring(message) or nil
  -- without a coroutine, level 0 is traceback itself
  local text = trace(co, message, co and 0 or 2, level + 1)
  return text
end
