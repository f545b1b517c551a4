--- The positions of errors, and the names in them.
--
-- Our byte code carries no debug information, so that Lua gives no positions in it; errors that C functions raise in our
-- wrappers get theirs here, as if a C function had been called in the wrapper's place.

local vm = ...

local raw_error, raw_assert, next, type = error, assert, next, type
local byte, sub, find, gsub, match, format =
  string.byte, string.sub, string.find, string.gsub, string.match, string.format
local getinfo = debug.getinfo

local ours, NEAR = vm.ours, vm.NEAR

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

vm.global_name = global_name

local OPEN = byte("[")
--- What C functions say when there is no memory for a string that they make.
local BUFFER = "not enough memory for buffer allocation"

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
