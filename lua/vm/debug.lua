--- What the stack looks like to a process, and the debug library made of it.
--
-- Our wrappers stand where Lua's own C functions would: a run of our frames, with the C function that the innermost of
-- them has called, counts as one C function, the one that the process has called. Our byte code carries no debug
-- information, so that Lua gives no positions in it; errors that C functions raise in our wrappers get theirs here.

local vm = ...

local getinfo, getmetatable, setmetatable = debug.getinfo, debug.getmetatable, debug.setmetatable
local getlocal, setlocal, getupvalue, setupvalue = debug.getlocal, debug.setlocal, debug.getupvalue, debug.setupvalue
local upvalueid, upvaluejoin = debug.upvalueid, debug.upvaluejoin
local type, error, select, tostring, tonumber, next = type, error, select, tostring, tonumber, next
local find, match, gsub, sub, byte, format =
  string.find, string.match, string.gsub, string.sub, string.byte, string.format
local concat = table.concat
local raw_error, raw_assert = error, assert
local math_tointeger = math.tointeger

local function ours(info)
  local source = info.source
  return source == "=?" or source == "=ao.vm"
end

--- Chunk names of our own modules: their frames are not the process's.
local own = {}
vm.own = own

-- Positions ----------------------------------------------------------------------------------------------------------

--- The position "chunk:line: " of the function at `level`, as luaL_where gives it.
function vm.where(level)
  local info = getinfo(level + 1, "Sl")
  if info and info.currentline > 0 and not ours(info) then
    return info.short_src .. ":" .. info.currentline .. ": "
  end
  return ""
end

--- Whether the dead coroutine was ended by error or assert.
function vm.raised(co)
  local info = getinfo(co, 0, "f")
  return info ~= nil and (info.func == raw_error or info.func == raw_assert)
end

--- A name for a function that can be found in package.loaded, as tracebacks give it.
local function find_name(f)
  local found
  for name, value in next, vm.globals do
    if value == f and type(name) == "string" and (not found or name < found) then
      found = name
    end
  end
  if found then
    return found
  end
  for module, t in next, vm.loaded do
    if type(module) == "string" and type(t) == "table" then
      for name, value in next, t do
        if value == f and type(name) == "string" then
          local full = module .. "." .. name
          if not found or full < found then
            found = full
          end
        end
      end
    end
  end
  return found
end

-- Uncounted: how soon it is found depends on Lua's order.
local find_name_aside = vm.aside(find_name)

local function global_name(f)
  local _, name = find_name_aside(f)
  return name
end

local OPEN = byte("[")
--- What C functions say when there is no memory for a string that they make.
local BUFFER = "not enough memory for buffer allocation"
--- How many of our frames may follow each other. More are there only when a stack has overflowed; to walk over these
--- takes long, as Lua counts from the top for each level.
local NEAR = 64

--- The message of `pcall(error, message, 2)`: to `error`, pcall has called it, and level 2 is who has called pcall.
-- @param level integer of `error`, as the caller sees it
local function blamed(err, level)
  level = level + 1
  local info, below = getinfo(level, "f"), getinfo(level + 2, "S")
  if info.func ~= raw_error or not below or not ours(below) then
    return err
  end
  local _, first = getlocal(level + 2, -1)
  -- our xpcall has the function and the handler among its arguments
  local _, blame = getlocal(level + 2, first == raw_error and -4 or -2)
  if math_tointeger(blame) == 2 then
    local where = vm.where(level + 3)
    return where .. err
  end
  return err
end

--- Gives an error message the position and the name that it has when Lua's own function raises it.
-- @param err string
-- @param co thread|nil a dead coroutine, or nil for this one
-- @param level integer where the function is that failed
function vm.mend(err, co, level)
  if sub(err, -#BUFFER) == BUFFER then
    local info
    if co then
      info = getinfo(co, level, "f")
    else
      info = getinfo(level, "f")
    end
    if info and info.func ~= raw_error and info.func ~= raw_assert then
      vm.starve()
    end
  end
  if byte(err) == OPEN then
    return err
  end
  local top, caller
  if co then
    top, caller = getinfo(co, level, "S"), getinfo(co, level + 1, "S")
  else
    -- this function is at level 1
    top, caller = getinfo(level, "S"), getinfo(level + 1, "S")
  end
  if not top then
    return err
  end
  if top.what == "C" then
    if not co and caller and caller.what == "C" then
      local text = blamed(err, level)
      return text
    end
    if not caller or not ours(caller) or find(err, "^attempt to ") then
      return err
    end
    level = level + 1
  elseif ours(top) then
    -- an operation of ours on the process's values: Lua's C function would give no position
    local plain = gsub(err, "^%?:%-1: ", "")
    if plain ~= err then
      return plain
    end
  else
    return err
  end
  -- the outermost of our frames is the one that the process has called
  local called, user
  for _ = 1, NEAR do
    if co then
      user = getinfo(co, level + 1, "Sl")
    else
      user = getinfo(level + 1, "Sl")
    end
    if not user or not ours(user) then
      break
    end
    level = level + 1
  end
  if co then
    called = getinfo(co, level, "nf")
  else
    called = getinfo(level, "nf")
  end
  local number, rest = match(err, "^bad argument #(%d+) to '[^']*' (.*)$")
  if number then
    local name = called.name
    if not name then
      name = global_name(called.func) or "?"
      if user and user.what ~= "C" then
        -- a tail call: Lua would have seen the name that stands there, most likely the last part of this one
        name = match(name, "[^%.]*$")
      end
    end
    if called.namewhat == "method" then
      number = number - 1
      if number == 0 then
        err = format("calling '%s' on bad self %s", name, rest)
      else
        err = format("bad argument #%d to '%s' %s", number, name, rest)
      end
    else
      err = format("bad argument #%s to '%s' %s", number, name, rest)
    end
  end
  if user and user.currentline > 0 then
    return user.short_src .. ":" .. user.currentline .. ": " .. err
  end
  return err
end

-- Frames -------------------------------------------------------------------------------------------------------------

--- The name of a chunk inside its short form: `aos` for `[string "aos"]`.
local function chunk_name(info)
  return match(info.short_src, '^%[string "(.*)"%]$') or info.short_src
end

--- The frames of the process's own code in a coroutine: {chunk, line, name}, innermost first.
function vm.frames(co)
  local frames, n, level = {}, 0, 0
  while n < 64 and level < 32 * NEAR do
    local info = getinfo(co, level, "Sln")
    if not info then
      break
    end
    level = level + 1
    if info.what ~= "C" and not ours(info) and not own[info.source] then
      n = n + 1
      frames[n] = { chunk = chunk_name(info), origin = info.source, line = info.currentline, name = info.name }
    end
  end
  return frames
end

--- Levels of the stack as a process sees it: level → level of Lua's, from Lua's level `skip` on.
-- A run of our frames with the C function under it is one level, that of its outermost frame.
-- @param want integer how many are asked for
-- @return table, integer the levels, and how many there are (not more than wanted)
local function levels(co, skip, want)
  local map, n, level = {}, 0, skip
  -- one more than wanted: a C function may turn out to be ours
  while n <= want do
    local info = co and getinfo(co, level, "S") or not co and getinfo(level, "S")
    if not info then
      break
    end
    if ours(info) then
      local last = level
      while true do
        local up = co and getinfo(co, last + 1, "S") or not co and getinfo(last + 1, "S")
        if not up then
          -- the engine's own frames are at the bottom: there the stack ends, with the C function that they have called
          if n > 0 and map[n] == level - 1 and map[-n] then
            n = n - 1
          end
          return map, n
        elseif not ours(up) or last - level > NEAR then
          break
        end
        last = last + 1
      end
      if n > 0 and map[n] == level - 1 and map[-n] then
        n = n - 1 -- the C function that ours has called
      end
      n = n + 1
      map[n] = last
      map[-n] = nil
      level = last + 1
    else
      n = n + 1
      map[n] = level
      map[-n] = info.what == "C" or nil
      level = level + 1
    end
  end
  return map, n
end

--- The lowest level that there is no more.
local function depth(co)
  local low, high = 1, 64
  while co and getinfo(co, high, "l") or not co and getinfo(high, "l") do
    low, high = high, 2 * high
  end
  while low < high do
    local middle = (low + high) // 2
    if co and getinfo(co, middle, "l") or not co and getinfo(middle, "l") then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- traceback ----------------------------------------------------------------------------------------------------------

local function line_of(info)
  local where
  if ours(info) or info.what == "C" then
    where = "[C]: in "
  elseif info.currentline > 0 then
    where = info.short_src .. ":" .. info.currentline .. ": in "
  else
    where = info.short_src .. ": in "
  end
  local name = global_name(info.func)
  if name then
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
    local info = co and getinfo(co, map[i], "Slntf") or getinfo(map[i] - 1, "Slntf")
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
      local first = map[i] + 1
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

-- getinfo ------------------------------------------------------------------------------------------------------------

local NAMELESS = vm.bytecode.NAMELESS

--- The chunk name of the process's own Data, which differs for us, is the network's for a process.
local function network_source(info)
  local name = info.source and match(info.source, '^=%[string "(.*)"%]$')
  if name then
    info.source = name
  end
  return info
end

--- Makes what Lua says of one of our functions what it says of a C function.
local function disguise(info)
  if info.source then
    info.source, info.short_src, info.what = "=[C]", "[C]", "C"
    info.linedefined, info.lastlinedefined = -1, -1
  end
  if info.currentline then
    info.currentline = -1
  end
  if info.nups then
    info.nups, info.nparams, info.isvararg = 0, 0, true
  end
  info.activelines = nil
  return info
end

--- debug.getinfo ([thread,] f [, what])
--- Functions of ours that a process can get at anyway; the others are not shown to it.
vm.public = {}

local function shown(info, whose)
  if ours(whose) then
    if not vm.public[whose.func] then
      info.func = nil
    end
    return disguise(info)
  elseif whose.what == "C" and not vm.public[whose.func] then
    info.func = nil -- one of Lua's own that ours have called
  elseif info.nups and info.nups > 0 and getupvalue(whose.func, info.nups) == NAMELESS then
    info.nups = info.nups - 1
  end
  return network_source(info)
end

function sandbox.getinfo(...)
  local co, f, what = nil, ...
  local first = 1
  if type(f) == "thread" then
    co, f, what = ...
    first = 2
  end
  if what == nil then
    what = "nSltuf"
  elseif type(what) ~= "string" then
    error("bad argument #" .. first + 1 .. " to '?' (string expected, got " .. vm.typename(what) .. ")", 0)
  end
  if find(what, "[^nSltufL]") then
    error("bad argument #" .. first + 1 .. " to '?' (invalid option)", 0)
  end
  if type(f) == "function" then
    return shown(getinfo(f, what), getinfo(f, "Sf"))
  end
  local level = math_tointeger(f)
  if type(f) == "string" then
    level = math_tointeger(tonumber(f))
  end
  if not level then
    local kind = f == nil and select("#", ...) < first and "no value" or vm.typename(f)
    error("bad argument #" .. first .. " to '?' (number expected, got " .. kind .. ")", 0)
  end
  if level < 0 then
    return nil
  end
  local map
  if co then
    map = levels(co, 0, level + 1)
    level = map[level + 1]
    if not level then
      return nil
    end
    return shown(getinfo(co, level, what), getinfo(co, level, "Sf"))
  end
  -- seen from levels(): 1 itself, 2 this function, 3 the process's
  map = levels(nil, 2, level + 1)
  level = map[level + 1]
  if not level then
    return nil
  end
  return shown(getinfo(level - 1, what), getinfo(level - 1, "Sf"))
end

-- Locals and upvalues: only of the process's own functions --------------------------------------------------------------

local function foreign(info)
  return info.what == "C" or ours(info) or own[info.source]
end

--- debug.getlocal ([thread,] f, local)
function sandbox.getlocal(...)
  local co, f, index = nil, ...
  if type(f) == "thread" then
    co, f, index = ...
  end
  if type(f) == "function" then
    if foreign(getinfo(f, "S")) then
      return nil
    end
    return (getlocal(f, index))
  end
  local level = math_tointeger(f)
  if not level then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (number expected, got " .. vm.typename(f) .. ")", 0)
  end
  local map = level >= 0 and levels(co, co and 0 or 2, level + 1)
  local at = map and map[level + 1]
  if not at then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (level out of range)", 0)
  end
  if co then
    if foreign(getinfo(co, at, "S")) then
      return nil
    end
    return getlocal(co, at, index)
  end
  if foreign(getinfo(at - 1, "S")) then
    return nil
  end
  local name, value = getlocal(at - 1, index)
  return name, value
end

--- debug.setlocal ([thread,] level, local, value)
function sandbox.setlocal(...)
  local co, f, index, value = nil, ...
  if type(f) == "thread" then
    co, f, index, value = ...
  end
  local level = math_tointeger(f)
  if not level then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (number expected, got " .. vm.typename(f) .. ")", 0)
  end
  local map = level >= 0 and levels(co, co and 0 or 2, level + 1)
  local at = map and map[level + 1]
  if not at then
    error("bad argument #" .. (co and 2 or 1) .. " to '?' (level out of range)", 0)
  end
  local name
  if co then
    if not foreign(getinfo(co, at, "S")) then
      name = setlocal(co, at, index, value)
    end
  elseif not foreign(getinfo(at - 1, "S")) then
    name = setlocal(at - 1, index, value)
  end
  return name
end

--- Whether f is a function of the process itself, whose upvalues are its own.
local function open_function(f)
  return type(f) == "function" and not foreign(getinfo(f, "S"))
end

--- Whether this is the upvalue that only makes the function a new one (`distinct.lua`).
local function nameless(f, index)
  return type(f) == "function" and getupvalue(f, index) == NAMELESS
end

function sandbox.getupvalue(f, index)
  if open_function(f) or type(f) ~= "function" then
    local name, value = getupvalue(f, index)
    if name == nil or name == NAMELESS then
      return
    end
    return name, value
  end
end

function sandbox.setupvalue(f, index, value)
  if (open_function(f) or type(f) ~= "function") and not nameless(f, index) then
    return (setupvalue(f, index, value))
  end
end

function sandbox.upvalueid(f, index)
  if open_function(f) and not nameless(f, index) then
    -- the id is a light userdata, an address: equal where the variable is, and nothing else is said of it
    upvalueid(f, index)
    return vm.upvalue_name(upvalueid(f, index))
  elseif type(f) ~= "function" then
    return upvalueid(f, index)
  end
  error("bad argument #2 to '?' (invalid upvalue index)", 0)
end

--- Id → the table that stands for it, and the other way round.
local ids, stand_ins = {}, {}

--- Whether the table stands for an upvalue's id.
function vm.is_stand_in(object)
  return stand_ins[object] ~= nil
end

--- Whether one of them has been shown as text: it has an address that it must keep.
function vm.stand_ins_shown()
  for stand_in in next, stand_ins do
    if vm.peek(stand_in) ~= 0 then
      return true
    end
  end
  return false
end

--- A table that stands for an upvalue's id.
function vm.upvalue_name(id)
  local known = ids[id]
  if not known then
    known = setmetatable({}, { __name = "userdata", __metatable = false })
    ids[id], stand_ins[known] = known, true
  end
  return known
end

function sandbox.upvaluejoin(f1, n1, f2, n2)
  if nameless(f1, n1) or nameless(f2, n2) then
    error("bad argument #" .. (nameless(f1, n1) and 2 or 4) .. " to '?' (invalid upvalue index)", 0)
  elseif (open_function(f1) or type(f1) ~= "function") and (open_function(f2) or type(f2) ~= "function") then
    return upvaluejoin(f1, n1, f2, n2)
  end
  error("bad argument #" .. (open_function(f1) and 4 or 2) .. " to '?' (invalid upvalue index)", 0)
end

-- The rest -----------------------------------------------------------------------------------------------------------

function sandbox.getmetatable(value)
  local kind = type(value)
  if kind == "table" or kind == "string" then
    return getmetatable(value)
  end
  return nil
end

function sandbox.setmetatable(value, meta)
  if meta ~= nil and type(meta) ~= "table" then
    error("bad argument #2 to '?' (nil or table expected)", 0)
  end
  if type(value) == "table" then
    return vm.bestow(setmetatable, value, meta)
  end
  -- metatables of other types are shared with us: they stay as they are
  return value
end

--- The registry of an empty machine.
local registry = {}
vm.registry = registry

function sandbox.getregistry()
  return registry
end

function sandbox.getuservalue()
  return nil
end

function sandbox.setuservalue(value)
  error("bad argument #1 to '?' (userdata expected, got " .. vm.typename(value) .. ")", 0)
end

function sandbox.sethook() end

function sandbox.gethook()
  return nil, "", 0
end

--- Reads commands from a terminal; there is none.
function sandbox.debug() end

vm.debug = sandbox
