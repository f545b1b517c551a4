--- Tables, by columns: those with the same few string keys share the columns of a shape, short lists of one length those
--- of a row; longer lists and larger tables have columns of their own. Keys are walked in order.

local vm = ...

local rawget, next, type = rawget, next, type
local concat, sort, unpack = table.concat, table.sort, table.unpack
local math_type = math.type
local getmetatable = debug.getmetatable

local columns, saving = vm.columns, vm.saving
local append, number, put, as_column, new_column =
  saving.append, saving.number, saving.put, saving.as_column, columns.new

--- Tables with at most so many string keys, and no others, share the columns of a shape.
local RECORD = 32

--- Lists of at most so many values, and nothing else, share columns.
local ROW = 8

--- More keys are sorted by Python, which is faster.
local MANY = 48

-- What has been found, see `writing.lua`.
local shapes, shape_list, signatures
local rows, row_list
local arrays, maps, metas_of, metas
-- Entries whose keys are objects.
local deferred
-- The keys and values of the table that is looked at.
local visited_keys, visited_values

function saving.reset_tables()
  shapes, shape_list, signatures = {}, {}, {}
  rows, row_list = {}, {}
  arrays, maps, deferred = {}, {}, {}
  metas_of, metas = { n = 0 }, { n = 0 }
  visited_keys, visited_values = {}, {}
  saving.shape_list, saving.arrays, saving.maps, saving.deferred = shape_list, arrays, maps, deferred
  saving.metas_of, saving.metas, saving.row_list = metas_of, metas, row_list
end

--- The strings in bytewise order, each with a zero byte behind it, and where each of them was; nil where they hold such
--- bytes themselves.
local function sorted_lines(keys, n)
  if n > MANY then
    -- one string there and back costs less than many
    return vm.sorted(concat(keys, "\0", 1, n), n)
  end
end

local function sort_booleans(keys)
  sort(keys, function(a, b)
    return not a and b
  end)
end

--- The shape of tables with these string keys: {number, keys in order, a column for each, the tables' numbers}.
local function shape_of(keys, n)
  local signature = concat(keys, "\0", 1, n)
  local known = signatures[signature]
  if known then
    local as_met = known.as_met
    local same = #as_met == n
    for i = 1, n do
      same = same and as_met[i] == keys[i]
    end
    if same then
      return known.shape
    end
  end
  local as_met = { unpack(keys, 1, n) }
  sort(keys)
  local lengths = {}
  for i = 1, n do
    lengths[i] = #keys[i]
  end
  local canonical = concat(lengths, ",", 1, n) .. ":" .. concat(keys, "", 1, n)
  local shape = shapes[canonical]
  if not shape then
    shape = { keys = { unpack(keys, 1, n) }, n = n, columns = {}, owners = { n = 0 } }
    for i = 1, n do
      shape.columns[i] = new_column()
    end
    shapes[canonical] = shape
    shape_list[#shape_list + 1] = shape
  end
  signatures[signature] = { as_met = as_met, shape = shape }
  return shape
end

--- The row of lists of this length: {n, a column for each place, the tables' numbers}.
local function row_of(n)
  local row = rows[n]
  if not row then
    row = { n = n, columns = {}, owners = { n = 0 } }
    for i = 1, n do
      row.columns[i] = new_column()
    end
    rows[n] = row
    row_list[#row_list + 1] = row
  end
  return row
end

local function add_map(owner, t, keys, n)
  local values = new_column()
  for i = 1, n do
    values[i] = rawget(t, keys[i])
  end
  keys.n = 0
  maps[#maps + 1] = { owner = owner, keys = as_column(keys, n), values = as_column(values, n) }
end

--- The same for string keys in any order, with their values.
local function add_string_map(owner, t, keys, all, n)
  local lines, places = sorted_lines(keys, n)
  if not lines then
    for i = n + 1, #keys do
      keys[i] = nil
    end
    sort(keys)
    add_map(owner, t, keys, n)
    return
  end
  local values = new_column()
  columns.pick(places, n, all, values)
  maps[#maps + 1] = { owner = owner, lines = lines, n = n, values = as_column(values, n) }
end

local function visit_other_keys(owner, t, low)
  local numbers, strings, values, booleans, things = {}, {}, {}, {}, {}
  for key, value in next, t do
    local kind = type(key)
    if kind == "string" then
      local n = #strings + 1
      strings[n], values[n] = key, value
    elseif kind == "number" then
      if math_type(key) == "float" or key < 1 or key > low then
        numbers[#numbers + 1] = key
      end
    elseif kind == "boolean" then
      booleans[#booleans + 1] = key
    else
      things[#things + 1] = key
    end
  end
  sort(numbers)
  sort_booleans(booleans)
  for i = 1, #booleans do
    numbers[#numbers + 1] = booleans[i]
  end
  if #numbers > 0 then
    add_map(owner, t, numbers, #numbers)
  end
  if #strings > 0 then
    add_string_map(owner, t, strings, values, #strings)
  end
  if #things > 0 then
    deferred[#deferred + 1] = { owner = owner, t = t, things = things }
  end
end

local function visit_table(t, owner)
  local meta = getmetatable(t)
  if meta ~= nil then
    append(metas_of, owner)
    append(metas, number(meta))
  end
  local keys, values, n, whole, low = visited_keys, visited_values, 0, 0, 0
  local plain = true
  for key, value in next, t do
    if type(key) == "string" then
      n = n + 1
      keys[n], values[n] = key, value
    elseif math_type(key) == "integer" then
      whole = whole + 1
      if key == low + 1 then
        low = key
      end
    else
      plain = false
      break
    end
  end
  if whole > 0 or not plain then
    -- most are lists whose numbers have come in order
    if low ~= whole or not plain then
      low = 0
      while rawget(t, low + 1) ~= nil do
        low = low + 1
      end
    end
    if low == whole and low <= ROW and low > 0 and n == 0 and plain then
      local row = row_of(low)
      append(row.owners, owner)
      local of = row.columns
      for i = 1, low do
        put(of[i], rawget(t, i))
      end
      return
    elseif low > 0 then
      local list = new_column()
      for i = 1, low do
        list[i] = rawget(t, i)
      end
      arrays[#arrays + 1] = { owner = owner, values = as_column(list, low) }
    end
  end
  if not plain or low ~= whole then
    visit_other_keys(owner, t, low)
  elseif n > RECORD then
    visited_keys, visited_values = {}, {}
    add_string_map(owner, t, keys, values, n)
  elseif n > 0 then
    local shape
    if n == 1 then
      shape = shape_of({ keys[1] }, 1)
    else
      for i = n + 1, #keys do
        keys[i] = nil
      end
      shape = shape_of(keys, n)
    end
    append(shape.owners, owner)
    local of, in_order = shape.columns, shape.keys
    for i = 1, n do
      put(of[i], rawget(t, in_order[i]))
    end
  end
end

saving.add_map, saving.visit_table = add_map, visit_table
