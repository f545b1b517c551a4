--- What the stack looks like to a process.
--
-- Our wrappers stand where Lua's own C functions would: a run of our frames, with the C function that the innermost of
-- them has called, counts as one C function, the one that the process has called. Our byte code carries no debug
-- information: its frames are known by that.

local vm = ...

local match = string.match
local getinfo = debug.getinfo

local function ours(info)
  local source = info.source
  return source == "=?" or source == "=ao.vm"
end

--- Chunk names of our own modules: their frames are not the process's.
local own = {}
vm.own = own

--- How many of our frames may follow each other. More are there only when a stack has overflowed; to walk over these
--- takes long, as Lua counts from the top for each level.
local NEAR = 64
--- From this level on it is charged that Lua counts to it, so many frames as one instruction.
local FAR = 16

--- The name of a chunk inside its short form: `aos` for `[string "aos"]`.
local function chunk_name(info)
  return match(info.short_src, '^%[string "(.*)"%]$') or info.short_src
end

--- The frames of the process's own code in a coroutine, innermost first: {chunk, origin, line, name, first, last}, where
-- the last two are the lines that the function spans.
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
      frames[n] = {
        chunk = chunk_name(info),
        origin = info.source,
        line = info.currentline,
        name = info.name,
        first = info.linedefined,
        last = info.lastlinedefined,
      }
    end
  end
  return frames
end

--- Levels of the stack as a process sees it: level → level of Lua's, from Lua's level `skip` on.
-- A run of our frames with the C function under it is one level, that of its outermost frame.
-- @param want integer how many are asked for
-- @return table, integer the levels, and how many there are (not more than wanted)
local function levels_here(co, skip, want)
  local map, n, level = {}, 0, skip
  -- one more than wanted: a C function may turn out to be ours
  while n <= want do
    local info = co and getinfo(co, level, "Sf") or not co and getinfo(level, "Sf")
    if not info then
      break
    elseif level > FAR then
      vm.charge(level // FAR)
    end
    if info.func == vm.call_handler then
      level = level + 1
    elseif ours(info) then
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

--- Frames that the network has more than we do, at most.
local MORE = 8

--- The same levels as they are on the network: an entry is a level of Lua's (as this function sees it), or a table with
--- what is otherwise (`network.lua`); `vm.info_of` reads both.
local function levels(co, skip, want)
  local map, n = levels_here(co, co and skip or skip + 1, want + MORE)
  if not co then
    for i = 1, n do
      map[i] = map[i] - 1
    end
  end
  map, n = vm.as_on_network(co, map, n)
  return map, n > want and want or n
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

vm.ours, vm.levels, vm.depth, vm.NEAR = ours, levels, depth, NEAR
