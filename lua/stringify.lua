--- Tables as coloured text, as `print` and Eval show them.

local error, getmetatable, ipairs, next, pairs, rawget = error, getmetatable, ipairs, next, pairs, rawget
local tostring, type = tostring, type
local concat, rep = table.concat, string.rep

local RED, GREEN, BLUE, RESET = "\27[31m", "\27[32m", "\27[34m", "\27[0m"
local CIRCLE = "<circular reference>"

local stringify = { _version = "0.0.1" }

--- Is the table an array of numbers and strings only? It is written on one line then.
function stringify.isSimpleArray(items)
  local index = 0
  for key, value in pairs(items) do
    index = index + 1
    if key ~= index then
      return false
    end
    local kind = type(value)
    if kind ~= "number" and kind ~= "string" then
      return false
    end
  end
  return true
end
local isSimpleArray = stringify.isSimpleArray

local function scalar(value)
  if type(value) == "string" then
    return GREEN .. '"' .. value .. '"' .. RESET
  end
  return BLUE .. tostring(value) .. RESET
end

-- The length of the run 1, 2, 3 … at the head of a table, which the network meets first, and
-- whether the table holds other keys.
local function head_of(items)
  local run = 0
  if getmetatable(items) == nil then
    while rawget(items, run + 1) ~= nil do
      run = run + 1
    end
    local count = 0
    for _ in next, items do
      count = count + 1
    end
    return run, count > run
  end
  local mixed = false
  for key in pairs(items) do
    if not mixed and key == run + 1 then
      run = key
    else
      mixed = true
    end
  end
  return run, mixed
end

local format

-- `visited` holds the tables met as values of keys; an item of a list starts anew, and `open`
-- holds the lists' items that are being written.
local function write_item(value, indent, open)
  if type(value) ~= "table" then
    return scalar(value)
  elseif open[value] then
    -- The network writes on until its memory is full.
    error("not enough memory", 0)
  end
  open[value] = true
  local text = format(value, indent, {}, open)
  open[value] = nil
  return text
end

function format(items, indent, visited, open)
  local out, n = {}, 0
  local close = "\n" .. rep(" ", indent)
  if isSimpleArray(items) then
    for _, value in ipairs(items) do
      n = n + 1
      out[n] = scalar(value)
    end
    return "{ " .. concat(out, ", ") .. " }"
  end
  local run, mixed = head_of(items)
  local inner = indent + 2
  local pad = rep(" ", inner)
  if not mixed then
    for _, value in pairs(items) do
      n = n + 1
      out[n] = pad .. write_item(value, inner, open)
    end
    return "{\n" .. concat(out, ",\n") .. close .. " }"
  end
  -- Beside other keys, the items at the head are not shown.
  for k, value in pairs(items) do
    if not (type(k) == "number" and k >= 1 and k <= run and k % 1 == 0) then
      local text
      if type(value) == "table" then
        if visited[value] then
          return CIRCLE
        end
        visited[value] = true
        text = format(value, inner, visited, open)
      else
        text = scalar(value)
      end
      n = n + 1
      out[n] = pad .. " " .. RED .. k .. RESET .. " = " .. text
    end
  end
  return "{\n" .. concat(out, ",\n") .. close .. "}"
end

--- The table's text.
-- @param indent spaces before the closing brace
-- @param visited a set of tables that count as seen
function stringify.format(items, indent, visited)
  return format(items, indent or 0, visited or {}, {})
end

return stringify
