--- The bytes of what a walk has found. `state/restore.lua` reads them, and has the format.

local vm = ...

local pack = string.pack

local columns, saving = vm.columns, vm.saving
local STRING, OBJECT, FALSE, TRUE = columns.STRING, columns.OBJECT, columns.FALSE, columns.TRUE

--- A list of strings that are to be joined.
-- @param roots integer the number of the table that leads to all that a process can get at
-- @param extras integer the number of the table that says what else is kept
local function write(roots, extras)
  local count = saving.count()
  local texts, names, text_list = saving.texts, saving.names, saving.text_list
  local prototype_list, function_prototypes = saving.prototype_list, saving.function_prototypes
  local function_cells, metas_of, metas = saving.function_cells, saving.metas_of, saving.metas
  local shape_list, row_list, arrays, maps = saving.shape_list, saving.row_list, saving.arrays, saving.maps
  local out = { "ao-lua-2\n", pack("<I4I4I4", count, roots, extras), columns.bytes(saving.kinds, count) }
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
  columns.write(out, saving.cell_values)
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
  out[#out + 1] = pack("<I4", #row_list)
  for i = 1, #row_list do
    local row = row_list[i]
    put_list(out, OBJECT, row.owners, row.owners.n)
    out[#out + 1] = pack("<B", row.n)
    for k = 1, row.n do
      columns.write(out, row.columns[k])
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

saving.write = write
