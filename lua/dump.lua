--- Values as Lua source text, keys sorted.

local error, pairs, tostring, type = error, pairs, tostring, type
local concat, sort = table.concat, table.sort
local find, rep, string_format = string.find, string.rep, string.format
local math_type = math.type

local RESERVED = {}
for word in
  string.gmatch(
    "and break do else elseif end false for function goto if in local nil not or repeat return then true until while",
    "%a+"
  )
do
  RESERVED[word] = true
end

-- Numbers by size come first, then false, then all else by its text, and true last.
local function before(a, b)
  if a.rank ~= b.rank then
    return a.rank < b.rank
  elseif a.sort ~= b.sort then
    return a.sort < b.sort
  end
  return a.place < b.place
end

local function quote(value)
  return string_format("%q", tostring(value))
end

-- What all levels of one dump share: {indent, padding, filter, udata, open = {table → true}}.
local write

-- The text of a key; a string that can stand alone stands alone.
local function key_text(key, plain, depth, state)
  local kind = type(key)
  if kind == "number" or kind == "boolean" then
    return "[" .. tostring(key) .. "]"
  elseif kind == "string" then
    if find(key, "^[%a_][%w_]*$") and not RESERVED[key] then
      return key
    end
    return "[" .. quote(key) .. "]"
  elseif kind == "table" and not plain then
    return "[" .. write(key, depth + 1, state) .. "]"
  end
  return "[" .. quote(key) .. "]"
end

local function value_text(value, plain, depth, state)
  local kind = type(value)
  if kind == "table" and not plain then
    return write(value, depth + 1, state)
  elseif kind == "number" or kind == "boolean" or (plain and kind == "string") then
    return tostring(value)
  end
  return quote(value)
end

function write(items, depth, state)
  local open = state.open
  if open[items] then
    return '"<Circular ' .. tostring(items) .. '>"'
  end
  open[items] = true
  local filter, udata = state.filter, state.udata
  local fields, n = {}, 0
  for key, value in pairs(items) do
    local plain_key, plain_value
    if filter then
      key, plain_key = filter(key, depth, type(key), "key", nil, udata)
      if key ~= nil then
        value, plain_value = filter(value, depth, type(value), "val", key, udata)
      end
    end
    if key ~= nil and value ~= nil then
      n = n + 1
      local text = key_text(key, plain_key, depth, state)
      local field = { rank = 2, sort = text, place = n, text = text }
      if type(key) == "number" then
        field.rank, field.sort = 0, key
      elseif type(key) == "boolean" then
        field.rank = key and 3 or 1
      end
      field.value = value_text(value, plain_value, depth, state)
      fields[n] = field
    end
  end
  open[items] = nil
  if n == 0 then
    return "{}"
  end
  sort(fields, before)
  local line = state.indent > 0 and "\n" or " "
  local pad = line .. rep(" ", state.padding + state.indent * depth)
  for i = 1, n do
    local field = fields[i]
    fields[i] = pad .. field.text .. " = " .. field.value
  end
  return "{" .. concat(fields, ",") .. line .. rep(" ", state.padding + state.indent * (depth - 1)) .. "}"
end

local function unsigned(value, default, name)
  if value == nil then
    return default
  elseif type(value) ~= "number" or value < 0 or value % 1 ~= 0 then
    error(name .. " must be unsigned integer", 3)
  end
  return math_type(value) == "integer" and value or value // 1 | 0
end

--- The value's text.
-- @param indent spaces for every level, 4 when left out
-- @param padding spaces before every line but the first
-- @param filter function (value, depth, type, "key" or "val", key, udata): gives what to write
-- in its place (nil: nothing), and true when that is to be written as it is
-- @param udata for the filter
return function(value, indent, padding, filter, udata)
  indent = unsigned(indent, 4, "indent")
  padding = unsigned(padding, 0, "padding")
  if filter ~= nil and type(filter) ~= "function" then
    error("filter must be function", 2)
  end
  if type(value) ~= "table" then
    local plain
    if filter then
      value, plain = filter(value, 0, type(value), "val", nil, udata)
    end
    return plain and tostring(value) or quote(value)
  end
  return write(value, 1, { indent = indent, padding = padding, filter = filter, udata = udata, open = {} })
end
