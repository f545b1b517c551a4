--- Values put into columns, objects as their numbers.

local vm = ...

local type = type
local math_type = math.type

local columns, saving = vm.columns, vm.saving
local number, mix, kind_of = saving.number, columns.mix, columns.kind
local STRING, INTEGER, FLOAT, OBJECT = columns.STRING, columns.INTEGER, columns.FLOAT, columns.OBJECT

--- Longer strings are written once.
local LONG = 4096

-- Object → its number.
local number_of

function saving.reset_filling()
  number_of = saving.number_of
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

saving.put, saving.as_column = put, as_column
