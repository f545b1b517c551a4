--- What is in the tables of a saved state. Nothing of the process runs: they get their metatables while both are empty.

local vm = ...

local next, rawset = next, rawset
local unpack = string.unpack
local setmetatable, getmetatable = debug.setmetatable, debug.getmetatable
local permanents, columns = vm.permanents, vm.columns
local read_numbers, damaged, read_strings, read = columns.numbers, columns.damaged, columns.strings, columns.read

--- Reads all of it, to the end.
-- @param objects table number → object
-- @param table_of table number → table, for the objects that are
function vm.restoring.tables(text, at, objects, table_of)
  -- what was in those that were there goes
  for _, t in next, permanents.tables do
    for key in next, t do
      t[key] = nil
    end
    if t ~= permanents.tables.strings then
      setmetatable(t, nil)
    end
  end
  local owners, metas, n, m
  owners, n, at = read_numbers(text, at)
  metas, m, at = read_numbers(text, at)
  if n ~= m then
    damaged()
  end
  local values
  local meta_set = {}
  for i = 1, n do
    local t, meta = table_of[owners[i]], table_of[metas[i]]
    if not t or not meta then
      damaged()
    end
    setmetatable(t, meta)
    meta_set[meta] = true
  end
  local shape_count
  shape_count, at = unpack("<I4", text, at)
  for _ = 1, shape_count do
    local keys, key_count, owner_count
    keys, key_count, at = read_strings(text, at)
    owners, owner_count, at = read_numbers(text, at)
    for k = 1, key_count do
      local key = keys[k]
      values, n, at = read(text, at, objects)
      if n ~= owner_count then
        damaged()
      end
      for i = 1, n do
        rawset(table_of[owners[i]] or damaged(), key, values[i])
      end
    end
  end
  local row_count
  row_count, at = unpack("<I4", text, at)
  for _ = 1, row_count do
    local length, owner_count
    owners, owner_count, at = read_numbers(text, at)
    length, at = unpack("<B", text, at)
    for k = 1, length do
      values, n, at = read(text, at, objects)
      if n ~= owner_count then
        damaged()
      end
      for i = 1, n do
        rawset(table_of[owners[i]] or damaged(), k, values[i])
      end
    end
  end
  local array_count
  array_count, at = unpack("<I4", text, at)
  for _ = 1, array_count do
    local owner
    owner, at = unpack("<I4", text, at)
    local t = table_of[owner] or damaged()
    values, n, at = read(text, at, objects)
    if getmetatable(t) == nil then
      for i = 1, n do
        t[i] = values[i]
      end
    else
      for i = 1, n do
        rawset(t, i, values[i])
      end
    end
  end
  local map_count
  map_count, at = unpack("<I4", text, at)
  for _ = 1, map_count do
    local owner, keys
    owner, at = unpack("<I4", text, at)
    local t = table_of[owner] or damaged()
    keys, m, at = read(text, at, objects)
    values, n, at = read(text, at, objects)
    if m ~= n then
      damaged()
    end
    if getmetatable(t) == nil then
      for i = 1, n do
        t[keys[i]] = values[i]
      end
    else
      for i = 1, n do
        rawset(t, keys[i], values[i])
      end
    end
  end
  if at ~= #text + 1 then
    damaged()
  end
  for meta in next, meta_set do
    vm.mask(meta)
  end
end
