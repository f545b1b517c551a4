--- Functions, as prototypes of texts, and their upvalues (cells), which several may share.

local vm = ...

local type = type
local upvalueid, getupvalue = debug.upvalueid, debug.getupvalue

local columns, permanents, prototypes, saving = vm.columns, vm.permanents, vm.prototypes, vm.saving
local public, new_column, CELL, NAMED = permanents.public, columns.new, saving.CELL, saving.NAMED
local append, add, put, refuse = saving.append, saving.add, saving.put, saving.refuse

-- What has been found, see `writing.lua`.
local used, text_number, text_list, prototype_number, prototype_list
local function_prototypes, function_cells, cell_values
-- Of the objects.
local number_of, objects, names

function saving.reset_functions()
  used, text_number, text_list, prototype_number, prototype_list = {}, {}, {}, {}, {}
  function_prototypes, function_cells, cell_values = { n = 0 }, { n = 0 }, new_column()
  saving.used, saving.text_list, saving.prototype_list = used, text_list, prototype_list
  saving.function_prototypes, saving.function_cells, saving.cell_values =
    function_prototypes, function_cells, cell_values
  number_of, objects, names = saving.number_of, saving.objects, saving.names
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

saving.visit_function, saving.visit_cell = visit_function, visit_cell
