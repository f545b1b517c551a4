--- The state of the VM as bytes: everything that a process can still get at, in an order that depends on nothing else.
--
-- Objects (tables, functions, upvalues, …) are numbered as a walk meets them, breadth first from the roots, and keys are
-- walked in order, so that the same state gives the same bytes in every VM. Their contents are written by columns
-- (`columns.lua`): tables with the same few string keys share the columns of a shape; lists and larger tables have
-- columns of their own. `restore.lua` reads it, and has the format.

local vm = ...

local type, next, rawget, error = type, next, rawget, error
local getmetatable, getupvalue, upvalueid = debug.getmetatable, debug.getupvalue, debug.upvalueid
local status, getinfo = coroutine.status, debug.getinfo
local concat, sort, unpack, pack = table.concat, table.sort, table.unpack, string.pack
local math_type = math.type
local pcall = pcall

local columns, permanents, prototypes = vm.columns, vm.permanents, vm.prototypes
local mix, new_column, kind_of = columns.mix, columns.new, columns.kind
local STRING, INTEGER, FLOAT, OBJECT, FALSE, TRUE =
  columns.STRING, columns.INTEGER, columns.FLOAT, columns.OBJECT, columns.FALSE, columns.TRUE
local public = permanents.public

--- What objects are.
local TABLE, FUNCTION, CELL, NAMED, DEAD, TEXT = 1, 2, 3, 4, 5, 6
--- Tables with at most so many string keys, and no others, share the columns of a shape.
local RECORD = 32
--- Longer strings are written once.
local LONG = 4096
--- More keys are sorted by Python, which is faster.
local MANY = 48

--- More dead coroutines are not kept.
local MOST_DEAD = 10000

--- Raised when the state cannot be written down now.
local REFUSED = {}

local function refuse(why)
  REFUSED.why = why
  error(REFUSED, 0)
end

-- The walk -----------------------------------------------------------------------------------------------------------

local number_of, objects, kinds, count, dead
local texts, names
local used, text_number, text_list, prototype_number, prototype_list
local function_prototypes, function_cells, cell_values
local shapes, shape_list, signatures
local arrays, maps, deferred, metas_of, metas

local function reset()
  number_of, objects, kinds, count, dead = {}, {}, {}, 0, 0
  texts, names = { n = 0 }, { n = 0 }
  used, text_number, text_list, prototype_number, prototype_list = {}, {}, {}, {}, {}
  function_prototypes, function_cells, cell_values = { n = 0 }, { n = 0 }, new_column()
  shapes, shape_list, signatures = {}, {}, {}
  arrays, maps, deferred = {}, {}, {}
  metas_of, metas = { n = 0 }, { n = 0 }
end

local function append(list, value)
  local n = list.n + 1
  list.n = n
  list[n] = value
end

local function add(object, kind)
  count = count + 1
  number_of[object], objects[count], kinds[count] = count, object, kind
  return count
end

--- The number of an object.
local function number(object)
  local known = number_of[object]
  if known then
    return known
  end
  local kind = type(object)
  local name = public[object]
  if name then
    append(names, name)
    return add(object, NAMED)
  elseif kind == "table" then
    if permanents.private_name(object) or vm.is_stand_in(object) then
      refuse("a table of the runtime's is held")
    end
    return add(object, TABLE)
  elseif kind == "function" then
    if permanents.private_name(object) then
      refuse("a function of the runtime's is held")
    end
    return add(object, FUNCTION)
  elseif kind == "thread" then
    if status(object) ~= "dead" then
      refuse("a coroutine waits")
    elseif getinfo(object, 0, "l") then
      refuse("a coroutine that has failed keeps its frames")
    end
    dead = dead + 1
    if dead > MOST_DEAD then
      refuse("there are too many dead coroutines")
    end
    return add(object, DEAD)
  elseif kind == "string" then
    append(texts, object)
    return add(object, TEXT)
  end
  return refuse("a value of the runtime's is held")
end

--- Appends a value to a column.
local function put(column, value)
  local n = column.n + 1
  column.n = n
  local kind = type(value)
  if kind == "string" then
    if #value > LONG then
      value, kind = number(value), OBJECT
    else
      kind = STRING
    end
  elseif kind == "number" then
    kind = math_type(value) == "integer" and INTEGER or FLOAT
  elseif kind == "table" then
    value, kind = number_of[value] or number(value), OBJECT
  else
    kind = kind_of(value)
    if kind == OBJECT then
      value = number(value)
    end
  end
  if kind ~= column.held then
    mix(column, n, kind)
  elseif column.kinds then
    column.kinds[n] = kind
  end
  column[n] = value
end

--- Makes a list of values a column, in place; `done` of them are in it already.
local function as_column(list, n)
  local first = list.n + 1
  local held = list.held
  if held == nil then
    held = kind_of(list[first])
    if held == STRING then
      list.short = true
    end
  end
  if held == STRING then
    local longest = list.short and 255 or LONG
    while first <= n do
      local value = list[first]
      if type(value) ~= "string" then
        break
      elseif #value > longest then
        list.short = false
        longest = LONG
        if #value > LONG then
          break
        end
      end
      first = first + 1
    end
  elseif held == INTEGER or held == FLOAT then
    local what = math_type(list[first])
    while first <= n and math_type(list[first]) == what do
      first = first + 1
    end
  end
  if first > 1 then
    list.held = held
  end
  list.n = first - 1
  for i = first, n do
    put(list, list[i])
  end
  return list
end

-- Keys in order ------------------------------------------------------------------------------------------------------

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

-- Objects ------------------------------------------------------------------------------------------------------------

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

local visited_keys, visited_values = {}, {}

local function visit_table(t, owner)
  local meta = getmetatable(t)
  if meta ~= nil then
    append(metas_of, owner)
    append(metas, number(meta))
  end
  local keys, values, n, whole = visited_keys, visited_values, 0, 0
  local plain = true
  for key, value in next, t do
    if type(key) == "string" then
      n = n + 1
      keys[n], values[n] = key, value
    elseif math_type(key) == "integer" then
      whole = whole + 1
    else
      plain = false
      break
    end
  end
  local low = 0
  if whole > 0 or not plain then
    if meta == nil then
      while t[low + 1] ~= nil do
        low = low + 1
      end
    else
      while rawget(t, low + 1) ~= nil do
        low = low + 1
      end
    end
    if low > 0 then
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

local function visit_function(f)
  local made_of = prototypes.of(f)
  if not made_of then
    refuse("the text of a function is not known")
  end
  local text, ordinal = made_of.text, made_of.ordinal
  local of_text = prototype_number[text]
  if not of_text then
    of_text = {}
    prototype_number[text] = of_text
    used[text] = true
    text_list[#text_list + 1] = text
    text_number[text] = #text_list
  end
  local prototype = of_text[ordinal]
  if not prototype then
    prototype_list[#prototype_list + 1] = { text = text_number[text], ordinal = ordinal }
    prototype = #prototype_list
    of_text[ordinal] = prototype
  end
  append(function_prototypes, prototype)
  for i = 1, made_of.upvalues do
    local id = upvalueid(f, i)
    local cell = number_of[id]
    if not cell then
      cell = add(id, CELL)
      objects[cell] = { f, i }
    end
    append(function_cells, cell)
  end
end

local function visit_cell(cell)
  local _, value = getupvalue(cell[1], cell[2])
  local name = (type(value) == "function" or type(value) == "table")
    and not public[value]
    and permanents.private_name(value)
  if name and not number_of[value] then
    append(names, name)
    add(value, NAMED)
  end
  put(cell_values, value)
end

local VISITS = {}
VISITS[TABLE] = visit_table
VISITS[FUNCTION] = visit_function
VISITS[CELL] = visit_cell
VISITS[NAMED] = function(object, owner)
  if type(object) == "table" and public[object] then
    visit_table(object, owner)
  end
end

--- Visits what has been met and not been visited since `from`.
local function visit(from)
  while from <= count do
    local visits = VISITS[kinds[from]]
    if visits then
      visits(objects[from], from)
    end
    from = from + 1
  end
  return from
end

--- Entries whose keys are objects: those that have been met in the order of their numbers, then by what they hold.
local function visit_deferred(from)
  local i = 1
  while i <= #deferred do
    local entry = deferred[i]
    i = i + 1
    local things, t = entry.things, entry.t
    local met, unmet = {}, {}
    for k = 1, #things do
      local list = number_of[things[k]] and met or unmet
      list[#list + 1] = things[k]
    end
    sort(met, function(a, b)
      return number_of[a] < number_of[b]
    end)
    unmet = vm.alike(unmet, t)
    for k = 1, #unmet do
      met[#met + 1] = unmet[k]
    end
    add_map(entry.owner, t, met, #met)
    from = visit(from)
  end
  return from
end

local function walk(from)
  return visit_deferred(visit(from))
end

-- Writing ------------------------------------------------------------------------------------------------------------

local SEGMENT = 256

local function write(roots, extras)
  local out = { "ao-lua-1\n", pack("<I4I4I4", count, roots, extras), columns.bytes(kinds, count) }
  local put_list = columns.put
  local libraries, builtins
  if vm.builtins then
    libraries, builtins = vm.builtins()
  end
  out[#out + 1] = pack("<B", builtins and 1 or 0)
  put_list(out, STRING, libraries or {}, builtins and #builtins or 0)
  put_list(out, STRING, builtins or {}, builtins and #builtins or 0)
  put_list(out, STRING, texts, texts.n)
  put_list(out, STRING, names, names.n)
  local own, sources, chunks, digests = {}, {}, {}, {}
  for i = 1, #text_list do
    local text = text_list[i]
    own[i] = text.own and TRUE or FALSE
    sources[i], chunks[i] = text.own or text.source, not text.own and text.chunk or ""
    digests[i] = text.own and vm.digest(text.code) or ""
  end
  out[#out + 1] = pack("<s4", columns.bytes(own, #own))
  put_list(out, STRING, sources, #sources)
  put_list(out, STRING, chunks, #chunks)
  put_list(out, STRING, digests, #digests)
  local of_text, ordinals = {}, {}
  for i = 1, #prototype_list do
    of_text[i], ordinals[i] = prototype_list[i].text, prototype_list[i].ordinal
  end
  put_list(out, OBJECT, of_text, #of_text)
  put_list(out, OBJECT, ordinals, #ordinals)
  put_list(out, OBJECT, function_prototypes, function_prototypes.n)
  put_list(out, OBJECT, function_cells, function_cells.n)
  columns.write(out, cell_values)
  put_list(out, OBJECT, metas_of, metas_of.n)
  put_list(out, OBJECT, metas, metas.n)
  out[#out + 1] = pack("<I4", #shape_list)
  for i = 1, #shape_list do
    local shape = shape_list[i]
    put_list(out, STRING, shape.keys, shape.n)
    put_list(out, OBJECT, shape.owners, shape.owners.n)
    for k = 1, shape.n do
      columns.write(out, shape.columns[k])
    end
  end
  out[#out + 1] = pack("<I4", #arrays)
  for i = 1, #arrays do
    out[#out + 1] = pack("<I4", arrays[i].owner)
    columns.write(out, arrays[i].values)
  end
  out[#out + 1] = pack("<I4", #maps)
  for i = 1, #maps do
    out[#out + 1] = pack("<I4", maps[i].owner)
    if maps[i].lines then
      columns.put_lines(out, maps[i].lines, maps[i].n)
    else
      columns.write(out, maps[i].keys)
    end
    columns.write(out, maps[i].values)
  end
  return out
end

local function segments(out)
  local joined, n = {}, 0
  for at = 1, #out, SEGMENT do
    n = n + 1
    joined[n] = concat(out, "", at, at + SEGMENT - 1 < #out and at + SEGMENT - 1 or #out)
  end
  return joined, n
end

local function save()
  reset()
  if vm.sqlite_parts then
    permanents.with_sqlite()
  end
  if vm.stand_ins_shown() then
    refuse("the id of an upvalue has been shown")
  end
  local roots = vm.state.roots()
  local root = number(roots)
  local from = walk(1)
  -- what else is kept of the objects that there are
  local told = vm.state.extras(number_of)
  if not told then
    refuse("databases are at work")
  end
  local extras = number(told)
  walk(from)
  local joined, n = segments(write(root, extras))
  prototypes.keep(used)
  return joined, n
end

--- The state as one or more strings; nil and the reason where it cannot be written down now.
function vm.save()
  vm.begin(nil, nil)
  if not vm.bytecode.readable then
    return nil, "this Lua's byte code is not known"
  end
  vm.hold_collections()
  local ok, joined, n = pcall(save)
  reset()
  visited_keys, visited_values = {}, {}
  vm.let_collect()
  if ok then
    return unpack(joined, 1, n)
  elseif joined == REFUSED then
    return nil, REFUSED.why
  end
  error(joined, 0)
end
