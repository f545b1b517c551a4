-- A look at one table of the state that costs the same however much there is: some of its entries, some of theirs, and
-- so on, as plain values. Nothing of the process runs.
--
-- A value is {kind, text, size} (kind string, number, boolean, function, thread, userdata; of a string `text` is its
-- beginning, and `size` its bytes); or a table: {kind = "table", size, more, items}. `items` is a list of {key, value}
-- in the order of the keys; `size` is the number of its entries, of more than that where `more` is true.

local vm = ...

local ipairs, next, rawget, type, tostring = ipairs, next, rawget, type, tostring
local sub, format, match = string.sub, string.format, string.match
local sort = table.sort
local math_type = math.type
local getinfo = debug.getinfo
local encode, decode, key_order = vm.values.encode, vm.values.decode, vm.values.key_order

--- Entries that are counted: of the table that is asked for, of each other one, and of all of these together.
local COUNTED, COUNTED_INSIDE, COUNTED_IN_ALL = 20000, 1000, 20000
--- Entries that are shown of a table within, and of all.
local SHOWN_INSIDE, SHOWN_IN_ALL = 20, 600
local DEEPEST = 4
--- Bytes that are shown of a text.
local LONGEST = 240

local function place_of(f)
  local info = getinfo(f, "S")
  if vm.public[f] then
    return "built-in " .. vm.public[f]
  elseif info.what == "C" or info.source == "=?" or info.source == "=ao.vm" then
    return "built-in"
  end
  return format("%s:%d", match(info.short_src, '^%[string "(.*)"%]$') or info.short_src, info.linedefined)
end

local function described(value)
  local kind = type(value)
  if kind == "string" then
    return { kind = kind, text = sub(value, 1, LONGEST), size = #value }
  elseif kind == "number" then
    return { kind = kind, text = math_type(value) == "integer" and format("%d", value) or tostring(value) }
  elseif kind == "boolean" then
    return { kind = kind, text = value and "true" or "false" }
  elseif kind == "function" then
    return { kind = kind, text = place_of(value) }
  end
  return { kind = kind }
end

--- The value that is described, as bytes: what is at the path `keys` (bytes, a list) among the globals, entries from
--- the one numbered `first` on, `most` of them. Or nil and what is wrong.
function vm.outline(keys, first, most)
  local value = vm.globals
  for _, key in ipairs(decode(keys)) do
    if type(value) == "table" then
      value = rawget(value, key)
    else
      value = nil
    end
    if value == nil then
      return nil, "holds no such value"
    end
  end

  local root = described(value)
  -- Tables whose entries are to be shown, nearest first: none is left without any for what is further down in another.
  local waiting, last = { { value, root, 0 } }, 1
  local counted, shown = COUNTED_IN_ALL, SHOWN_IN_ALL
  if type(value) ~= "table" then
    last = 0
  end
  local at = 1
  while at <= last do
    local t, into, depth = waiting[at][1], waiting[at][2], waiting[at][3]
    waiting[at] = nil
    local room = COUNTED
    if depth > 0 then
      room = counted < COUNTED_INSIDE and counted or COUNTED_INSIDE
    end
    local names, n = {}, 0
    into.more = false
    for key in next, t do
      if n == room then
        into.more = true
        break
      end
      n = n + 1
      names[n] = key
    end
    if depth > 0 then
      counted = counted - n
    end
    into.size = n
    if depth < DEEPEST and shown > 0 then
      sort(names, key_order)
      local items = {}
      local from = depth == 0 and first or 1
      local limit = depth == 0 and most or SHOWN_INSIDE
      for i = from, from + limit - 1 < n and from + limit - 1 or n do
        if shown == 0 then
          break
        end
        shown = shown - 1
        local inner = rawget(t, names[i])
        local item = { key = described(names[i]), value = described(inner) }
        items[#items + 1] = item
        if type(inner) == "table" then
          last = last + 1
          waiting[last] = { inner, item.value, depth + 1 }
        end
      end
      into.items = items
    end
    at = at + 1
  end
  return encode(root)
end
