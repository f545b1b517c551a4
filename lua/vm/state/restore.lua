--- A VM's state from the bytes that `save.lua` has written, in a VM that has just started.
--
-- The bytes are not trusted. No byte code is in them: functions are made by compiling their texts again. What a process
-- may not hold is named, and goes nowhere but into those upvalues of our own modules that hold it anyway
-- (`permanents.lua`). Nothing of the process runs here: tables get their metatables while both are empty.
--
-- The format, in columns (`columns.lua`), objects numbered from 1:
--   "ao-lua-2\n", how many objects there are, the numbers of the two roots
--   what each object is (a byte): 1 table, 2 function, 3 upvalue, 4 named, 5 dead coroutine, 6 long string
--   a byte: whether tail calls of builtins are known; their libraries; their names
--   long strings; names; texts: whether they are modules of ours, sources or names, chunk names, digests
--   prototypes: text and ordinal; functions: prototypes, then upvalues, of one function after the other; their values
--   tables with metatables, and these
--   shapes: keys, tables, then a column for each key; rows: tables, their length, then a column for each place
--   lists: table, values; maps: table, keys, values

local vm = ...

local error, type, next, pcall = error, type, next, pcall
local sub, unpack, byte, match = string.sub, string.unpack, string.byte, string.match
local setmetatable, setupvalue = debug.setmetatable, debug.setupvalue
local create, resume = coroutine.create, coroutine.resume
local permanents, columns = vm.permanents, vm.columns
local damaged, read_strings, read_numbers, read = columns.damaged, columns.strings, columns.numbers, columns.read

local restoring = vm.restoring
local new_cell, new_function = restoring.new_cell, restoring.new_function

local MAGIC, OTHER = "ao-lua-2\n", "^ao%-lua%-%d+\n"
local TABLE, FUNCTION, CELL, NAMED, DEAD, TEXT = 1, 2, 3, 4, 5, 6

--- More dead coroutines are not kept: each takes much memory.
local MOST_DEAD = 10000

local function nothing() end

local function dead_coroutine()
  local co = create(nothing)
  resume(co)
  return co
end

local function load_state(text)
  if sub(text, 1, #MAGIC) ~= MAGIC then
    if match(text, OTHER) then
      error("was made by another version of ao_runtime", 0)
    end
    damaged()
  end
  local count, roots, extras, at = unpack("<I4I4I4", text, #MAGIC + 1)
  -- each but the roots is named somewhere
  if 5 * count > #text - at + 8 then
    damaged()
  end
  local kinds_at = at
  at = restoring.builtins(text, at + count)
  local long, long_count, names, name_count
  long, long_count, at = read_strings(text, at)
  names, name_count, at = read_strings(text, at)
  local texts, list
  texts, at = restoring.texts(text, at)
  list, at = restoring.prototypes(text, at, texts)
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
  restoring.join(functions, made_of, links, link_count, cells)
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
  restoring.check_secrets(held, functions, made_of, links)

  restoring.tables(text, at, objects, table_of)
  vm.state.adopt(objects[roots] or damaged(), objects[extras] or damaged())
end

--- Takes over a saved state; nil, or what is wrong with it. After that the VM is of no use. Limits are raised.
-- @param seconds number|nil how long that may take: where Lua's hook does not look (SQLite), charges do
function vm.restore(text, seconds)
  vm.begin(nil, seconds)
  if not vm.bytecode.readable then
    return "this Lua's byte code is not known"
  end
  vm.hold_collections()
  local ok, problem = pcall(load_state, text)
  vm.let_collect()
  local starved = vm.hit == "memory" or problem == "not enough memory"
  if ok then
    vm.begin(nil, nil)
    return nil
  elseif starved then
    vm.begin(nil, nil)
    return "needs more memory than there is for it"
  elseif vm.hit then
    error(vm.LIMIT, 0) -- also where SQLite was stopped by it
  elseif type(problem) == "table" then
    error(problem, 0)
  end
  -- else it is what a function of Lua's says of bytes that make no sense
  local ours = type(problem) == "string" and (match(problem, "^was made ") or match(problem, "^[dh][oa]e?s "))
  return ours and problem or "does not make sense"
end
