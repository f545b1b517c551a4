--- A VM's state from the bytes that `save.lua` has written, in a VM that has just started.
--
-- The bytes are not trusted. No byte code is in them: functions are made by compiling their texts again. What a process
-- may not hold is named, and goes nowhere but into those upvalues of our own modules that hold it anyway
-- (`permanents.lua`). Nothing of the process runs here: tables get their metatables while both are empty.
--
-- The format, in columns (`columns.lua`), objects numbered from 1:
--   "ao-lua-1\n", how many objects there are, the numbers of the two roots
--   what each object is (a byte): 1 table, 2 function, 3 upvalue, 4 named, 5 dead coroutine, 6 long string
--   a byte: whether tail calls of builtins are known; their libraries; their names
--   long strings; names; texts: whether they are modules of ours, sources or names, chunk names, digests
--   prototypes: text and ordinal; functions: prototypes, then upvalues, of one function after the other; their values
--   tables with metatables, and these
--   shapes: keys, tables, then a column for each key
--   lists: table, values; maps: table, keys, values

local vm = ...

local type, next, rawset, error, setmetatable = type, next, rawset, error, debug.setmetatable
local getmetatable = debug.getmetatable
local getupvalue, setupvalue, upvaluejoin = debug.getupvalue, debug.setupvalue, debug.upvaluejoin
local create, resume = coroutine.create, coroutine.resume
local sub, byte, match, unpack = string.sub, string.byte, string.match, string.unpack
local pcall = pcall

local columns, permanents, prototypes = vm.columns, vm.permanents, vm.prototypes
local read, read_strings, read_numbers, damaged = columns.read, columns.strings, columns.numbers, columns.damaged

local MAGIC = "ao-lua-1\n"
local TABLE, FUNCTION, CELL, NAMED, DEAD, TEXT = 1, 2, 3, 4, 5, 6

--- More dead coroutines are not kept: each takes much memory.
local MOST_DEAD = 10000

local function nothing() end

local function dead_coroutine()
  local co = create(nothing)
  resume(co)
  return co
end

local function new_cell()
  local value = nil
  return function()
    return value
  end
end

--- What tells how texts were compiled: before any is.
local function read_builtins(text, at)
  local planted, libraries, names, n, m
  planted, at = unpack("<B", text, at)
  libraries, n, at = read_strings(text, at)
  names, m, at = read_strings(text, at)
  if n ~= m or planted > 1 or planted == 0 and n > 0 then
    damaged()
  end
  if planted == 1 then
    if not vm.plant then
      vm.part("tailcalls")
    end
    vm.plant(libraries, names)
  end
  return at
end

--- The texts, looked through.
local function read_texts(text, at)
  local own, sources, chunks, digests, n, m
  own, at = unpack("<s4", text, at)
  sources, n, at = read_strings(text, at)
  chunks, m, at = read_strings(text, at)
  if m ~= n or #own ~= n then
    damaged()
  end
  digests, m, at = read_strings(text, at)
  if m ~= n then
    damaged()
  end
  local texts, seen = {}, {}
  for i = 1, n do
    local kept
    if byte(own, i) == columns.TRUE then
      kept = { own = sources[i] }
      if seen[sources[i]] then
        damaged()
      end
      seen[sources[i]] = true
    else
      kept = { source = sources[i], chunk = chunks[i] }
      if sub(kept.source, 1, 1) == "\27" then
        damaged()
      end
      if sub(kept.chunk, 1, 2) == "=?" or sub(kept.chunk, 1, 6) == "=ao.vm" then
        damaged()
      end
    end
    prototypes.add(kept)
    if kept.own then
      if prototypes.digest(kept) ~= digests[i] then
        error("was made by another version of ao_runtime", 0)
      end
      vm.own[prototypes.source(kept.own)] = true
    end
    texts[i] = kept
  end
  return texts, at
end

--- The prototypes, each with its first function: {text, ordinal, upvalues, first}.
local function read_prototypes(text, at, texts)
  local of_text, ordinals, n, m
  of_text, n, at = read_numbers(text, at)
  ordinals, m, at = read_numbers(text, at)
  if n ~= m then
    damaged()
  end
  local list, by_text = {}, {}
  for i = 1, n do
    local kept = texts[of_text[i]]
    local f = kept and kept.functions[ordinals[i]]
    if not f then
      damaged()
    end
    list[i] = { text = kept, ordinal = ordinals[i], upvalues = f.named }
    local of_this = by_text[kept] or { ordinals = {}, prototypes = {}, seen = {} }
    by_text[kept] = of_this
    if of_this.seen[ordinals[i]] then
      damaged()
    end
    of_this.seen[ordinals[i]] = true
    of_this.ordinals[#of_this.ordinals + 1] = ordinals[i]
    of_this.prototypes[#of_this.prototypes + 1] = list[i]
  end
  for kept, of_this in next, by_text do
    local made = prototypes.make(kept, of_this.ordinals)
    for i = 1, #made do
      of_this.prototypes[i].first = made[i]
    end
  end
  return list, at
end

local apart = new_cell()

local function new_function(prototype)
  local f = prototype.first
  if f then
    prototype.first = nil
    return f
  end
  prototype.make = prototype.make or prototypes.maker(prototype.text, prototype.ordinal)
  f = prototype.make()
  if prototype.upvalues > 0 then
    -- so that Lua does not give this one again, should it share all of its upvalues with the function around it
    upvaluejoin(f, 1, apart, 1)
  end
  return f
end

--- Joins the upvalues of the functions to their cells.
local function join(functions, made_of, links, link_count, cells)
  local at = 0
  for i = 1, #functions do
    local f = functions[i]
    for u = 1, made_of[i].upvalues do
      at = at + 1
      upvaluejoin(f, u, cells[links[at]] or damaged(), 1)
    end
  end
  if at ~= link_count then
    damaged()
  end
end

--- Whether all functions that share the cells may hold what is in them: number of the cell → name of a private thing.
local function check_secrets(held, functions, made_of, links)
  local at = 0
  local fixed, fixed_count = {}, 0
  for i = 1, #functions do
    local own = made_of[i].text.own
    for u = 1, made_of[i].upvalues do
      at = at + 1
      local name = held[links[at]]
      if name and not (own and permanents.may_hold(own, (getupvalue(functions[i], u)), name)) then
        damaged()
      end
      if own then
        local upvalue, value = getupvalue(functions[i], u)
        name = permanents.fixed(own, upvalue)
        if name then
          if value == nil or permanents.public[value] ~= name then
            damaged()
          end
          fixed[links[at]], fixed_count = name, fixed_count + 1
        end
      end
    end
  end
  if fixed_count == 0 then
    return
  end
  -- nobody else may change what these hold
  at = 0
  for i = 1, #functions do
    local own = made_of[i].text.own
    for u = 1, made_of[i].upvalues do
      at = at + 1
      local name = fixed[links[at]]
      if name and not (own and permanents.fixed(own, (getupvalue(functions[i], u))) == name) then
        damaged()
      end
    end
  end
end

local function load_state(text)
  if sub(text, 1, #MAGIC) ~= MAGIC then
    damaged()
  end
  local count, roots, extras, at = unpack("<I4I4I4", text, #MAGIC + 1)
  -- each but the roots is named somewhere
  if 5 * count > #text - at + 8 then
    damaged()
  end
  local kinds_at = at
  at = read_builtins(text, at + count)
  local long, long_count, names, name_count
  long, long_count, at = read_strings(text, at)
  names, name_count, at = read_strings(text, at)
  local texts, list
  texts, at = read_texts(text, at)
  list, at = read_prototypes(text, at, texts)
  local of, of_count, links
  of, of_count, at = read_numbers(text, at)
  local link_count
  links, link_count, at = read_numbers(text, at)

  -- the objects, still empty
  local objects, cells, secrets = {}, {}, {}
  local next_text, next_name, next_function, dead = 0, 0, 0, 0
  local functions, made_of, table_of = {}, {}, {}
  for i = 1, count do
    local kind = byte(text, kinds_at + i - 1)
    if kind == TABLE then
      local t = {}
      objects[i], table_of[i] = t, t
    elseif kind == CELL then
      cells[i] = new_cell()
    elseif kind == FUNCTION then
      next_function = next_function + 1
      local prototype = list[of[next_function]]
      if not prototype then
        damaged()
      end
      local f = new_function(prototype)
      objects[i], functions[next_function], made_of[next_function] = f, f, prototype
    elseif kind == NAMED then
      next_name = next_name + 1
      local thing, private = permanents.find(names[next_name] or damaged())
      if thing == nil then
        error("was made by another version of ao_runtime", 0)
      elseif private then
        secrets[i] = { thing, names[next_name] }
      else
        objects[i] = thing
        if type(thing) == "table" then
          table_of[i] = thing
        end
      end
    elseif kind == DEAD then
      dead = dead + 1
      if dead > MOST_DEAD then
        damaged()
      end
      objects[i] = dead_coroutine()
    elseif kind == TEXT then
      next_text = next_text + 1
      objects[i] = long[next_text] or damaged()
    else
      damaged()
    end
  end
  if next_text ~= long_count or next_name ~= name_count or next_function ~= of_count then
    damaged()
  end

  -- what upvalues hold
  join(functions, made_of, links, link_count, cells)
  local values, value_count
  local reachable = setmetatable({}, {
    __index = function(_, number)
      return objects[number] or secrets[number]
    end,
  })
  local secret_of = {}
  for _, secret in next, secrets do
    secret_of[secret] = secret
  end
  values, value_count, at = read(text, at, reachable)
  local next_cell, held = 0, {}
  for i = 1, count do
    local cell = cells[i]
    if cell then
      next_cell = next_cell + 1
      local value = values[next_cell]
      local secret = value ~= nil and secret_of[value]
      if secret then
        held[i], value = secret[2], secret[1]
      end
      setupvalue(cell, 1, value)
    end
  end
  if next_cell ~= value_count then
    damaged()
  end
  check_secrets(held, functions, made_of, links)

  -- tables: what was in those that were there goes, and metatables come while all are empty
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
  vm.state.adopt(objects[roots] or damaged(), objects[extras] or damaged())
end

--- Takes over a saved state; nil, or what is wrong with it. After that the VM is of no use.
function vm.restore(text)
  vm.begin(nil, nil)
  if not vm.bytecode.readable then
    return "this Lua's byte code is not known"
  end
  vm.hold_collections()
  local ok, problem = pcall(load_state, text)
  vm.begin(nil, nil)
  vm.let_collect()
  if not ok then
    -- else it is what a function of Lua's says of bytes that make no sense
    local ours = type(problem) == "string" and (match(problem, "^was made ") or match(problem, "^[dh][oa]e?s "))
    return ours and problem or "does not make sense"
  end
end
