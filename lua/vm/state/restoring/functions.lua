--- The functions of a saved state: made by compiling their texts again, and joined to their upvalues (cells). No byte
--- code is in the state, and what a process may not hold goes nowhere but into those upvalues of our own modules that
--- hold it anyway (`state/permanents.lua`).

local vm = ...

local error, next = error, next
local unpack, byte, sub = string.unpack, string.byte, string.sub
local upvaluejoin, getupvalue = debug.upvaluejoin, debug.getupvalue
local columns, prototypes, permanents = vm.columns, vm.prototypes, vm.permanents
local read_strings, damaged, read_numbers = columns.strings, columns.damaged, columns.numbers

local restoring = {}
vm.restoring = restoring

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
    -- all of it: how much a process has read of its own shows in its gas
    vm.fetch_tail_calls()
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
      if
        sub(kept.chunk, 1, 2) == "=?"
        or sub(kept.chunk, 1, 6) == "=ao.vm"
        or vm.chunk_name(kept.chunk) ~= kept.chunk
      then
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

restoring.new_cell, restoring.new_function = new_cell, new_function
restoring.builtins, restoring.texts, restoring.prototypes = read_builtins, read_texts, read_prototypes
restoring.join, restoring.check_secrets = join, check_secrets
