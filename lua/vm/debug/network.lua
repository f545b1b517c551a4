--- The stack under a process's code as it is on the network: our modules have other lines, and call each other otherwise.
--
-- There a handler is called by a protected call in `.handlers`, which is called by another one in `.process`; in the 2
-- series through a function that loses its frame to it. What those frames say is written down here.

local vm = ...

local type, next = type, next
local find = string.find
local getinfo = debug.getinfo

local own, ours, host = vm.own, vm.ours, vm.host

local function frame(module, line, first, last, words, more)
  local info = {
    what = "Lua",
    source = module,
    short_src = '[string "' .. module .. '"]',
    currentline = line,
    linedefined = first,
    lastlinedefined = last,
    namewhat = "",
    istailcall = false,
    nups = 3,
    nparams = 2,
    isvararg = false,
    words = words,
  }
  for key, value in next, more or {} do
    info[key] = value
  end
  return info
end

local PCALL = {
  what = "C",
  source = "=[C]",
  short_src = "[C]",
  currentline = -1,
  linedefined = -1,
  lastlinedefined = -1,
  name = "pcall",
  namewhat = "global",
  istailcall = false,
  nups = 0,
  nparams = 0,
  isvararg = true,
  words = "function 'pcall'",
}

--- What is at the bottom of each stack, from the call of `Handlers.evaluate` on.
local function bottom()
  if host.since("2.0.1") then
    local at = ({ ["2.0.1"] = 811, ["2.0.3"] = 817, ["2.0.6"] = 907 })[host.dialect]
    return { PCALL, frame(".process", at + 2, at, at + 4, nil, { nparams = 0 }) }
  end
  local first = not host.since("1")
  local lines = first and { 397, 341, 437 } or { 505, 425, 543 }
  return {
    PCALL,
    frame(".process", lines[1], lines[2], lines[3], "function '.process.handle'", {
      name = "handle",
      namewhat = "field",
      nups = first and 3 or 4,
    }),
    frame("__lua_webassembly__", 24, 23, 25, nil, { nparams = 0 }),
    PCALL,
    frame("__lua_webassembly__", 23, 5, 30, "function 'handle'"),
  }
end

--- Line of a handler's call, of a pattern's, and the lines of `Handlers.evaluate`.
local EVALUATE = { ["0.2.0"] = { 331, 275, 261, 367 }, ["1"] = { 341, 285, 271, 377 } }
local function evaluate(is_pattern)
  local lines = EVALUATE[host.dialect] or { 719, 663, 649, 763 }
  local more = { nups = host.since("2.0.1") and 4 or 3 }
  return frame(".handlers", lines[is_pattern and 2 or 1], lines[3], lines[4], "function '.handlers.evaluate'", more)
end

--- The lines of other modules of ours that call code of a process: where they stand, and where their functions do.
local function lines_of(source)
  if source == ".eval" then
    return host.since("2.0.1") and { 47, 27, 93 } or { 27, 7, 57 }
  elseif source == ".boot" then
    return { 81, 65, 91 }
  end
end

local function at_lines(level, source)
  local lines = lines_of(source)
  return lines and { level = level, currentline = lines[1], linedefined = lines[2], lastlinedefined = lines[3] }
    or level
end

--- The entries of `levels` (`frames.lua`) as the network has them. `co` as there.
-- @return table, integer the entries, and how many there are
function vm.as_on_network(co, map, count)
  local function source(i)
    local info
    if co then
      info = getinfo(co, map[i], "S")
    else
      info = getinfo(map[i] + 2, "S")
    end
    return own[info.source] and info.source or nil, info.what == "C" or ours(info)
  end
  -- where `.process` begins, and the frame of `Handlers.evaluate` above it
  local at, base
  for i = 1, count do
    local name, is_builtin = source(i)
    if name == ".process" and at then
      base = i
      break
    elseif name == ".handlers" then
      at = i
    elseif not is_builtin then
      at = nil
    end
  end
  if not base then
    return map, count
  end
  local seen, n = {}, at - 1
  for i = 1, n do
    seen[i] = at_lines(map[i], source(i))
  end
  local is_pattern = false
  if n > 0 then
    local called = seen[n]
    local info
    if co then
      info = getinfo(co, map[n], "nt")
    else
      info = getinfo(map[n] + 1, "nt")
    end
    is_pattern = info.name == "pattern"
    if not is_pattern or host.since("2.0.1") then
      called = type(called) == "table" and called or { level = called }
      called.nameless = true
      -- a function in a list of resolvers is called so here as well
      called.istailcall = info.istailcall or host.since("2.0.1")
      seen[n] = called
    end
    if not is_pattern then
      n = n + 1
      seen[n] = PCALL
    end
  end
  n = n + 1
  seen[n] = evaluate(is_pattern)
  for _, entry in next, bottom() do
    n = n + 1
    seen[n] = entry
  end
  return seen, n
end

local FIELDS = {
  S = { "source", "short_src", "what", "linedefined", "lastlinedefined" },
  n = { "name", "namewhat" },
  l = { "currentline" },
  t = { "istailcall" },
  u = { "nups", "nparams", "isvararg" },
}

--- What `debug.getinfo` says of an entry of `levels`. To be called by whoever has called that.
function vm.info_of(co, entry, what)
  local level = type(entry) == "table" and entry.level or entry
  local info = {}
  if type(level) == "number" then
    if co then
      info = getinfo(co, level, what)
    else
      info = getinfo(level, what)
    end
  end
  if type(entry) == "table" then
    for option, names in next, FIELDS do
      if find(what, option, 1, true) then
        for i = 1, #names do
          local value = entry[names[i]]
          if value ~= nil then
            info[names[i]] = value
          end
        end
        if option == "n" and entry.nameless then
          info.name, info.namewhat = nil, ""
        end
      end
    end
    info.words = entry.words
  end
  return info
end
