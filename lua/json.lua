--- JSON: `encode` and `decode`.

local _, host = ...

-- Lua's own functions, when the machine gives them: ours take time in proportion to the text, which the
-- instructions around them count. Tables without metamethods are walked in Lua's own order: what is made of
-- them is the same in any order, since keys are sorted here.
local raw = host and host.raw or {}
-- The oldest dialect knows no functions that are left out: they are an error.
local SEED = host and not host.since("2.0.1")
local error, getmetatable, pairs, rawget, tonumber, type = error, getmetatable, pairs, rawget, tonumber, type
local next, concat, sort = raw.next or next, raw.concat or table.concat, raw.sort or table.sort
local find, gsub, match = raw.find or string.find, raw.gsub or string.gsub, raw.match or string.match
local byte, char, sub, math_type = string.byte, string.char, string.sub, math.type
local string_format = raw.format or string.format

local json = { _version = "0.2.0" }

local ESCAPES = {
  ["\\"] = "\\\\",
  ['"'] = '\\"',
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}
for code = 0, 31 do
  local letter = char(code)
  ESCAPES[letter] = ESCAPES[letter] or string_format("\\u%04x", code)
end

local function quote(text)
  if find(text, '[\0-\31\\"]') then
    text = gsub(text, '[\0-\31\\"]', ESCAPES)
  end
  return '"' .. text .. '"'
end

-- What all levels of one encoding share:
-- open: the tables being written; heads: key → its text with colon;
-- shapes: depth → the sorted keys of the object written last at that depth
local write_table

-- Writes a value that is no table after piece `n`; answers the new number of pieces.
local function write_scalar(value, out, n)
  local kind = type(value)
  n = n + 1
  if kind == "string" then
    if find(value, '[\0-\31\\"]') then
      value = gsub(value, '[\0-\31\\"]', ESCAPES)
    end
    out[n] = '"' .. value .. '"'
  elseif kind == "number" then
    if math_type(value) == "integer" and value < 100000000000000 and value > -100000000000000 then
      out[n] = value
    else
      if value ~= value or value == 1 / 0 or value == -1 / 0 then
        error("unexpected number value '" .. value .. "'")
      end
      out[n] = string_format("%.14g", value)
    end
  elseif kind == "boolean" then
    out[n] = value and "true" or "false"
  elseif kind == "nil" then
    out[n] = "null"
  else
    error("unexpected type '" .. kind .. "'")
  end
  return n
end

local function write_array(items, out, n, depth, state)
  local lead = "["
  for i = 1, #items do
    local item = items[i]
    n = n + 1
    out[n] = lead
    lead = ","
    if type(item) == "table" then
      n = write_table(item, out, n, depth + 1, state)
    else
      n = write_scalar(item, out, n)
    end
  end
  n = n + 1
  out[n] = lead == "[" and "[]" or "]"
  return n
end

-- The sorted keys of an object. Objects of one array mostly have the same keys: those of the
-- one before at this depth are tried first.
local function keys_of(object, shapes, depth)
  local count = 0
  if getmetatable(object) == nil then
    for _ in next, object do
      count = count + 1
    end
    local shape = shapes[depth]
    if shape and #shape == count then
      local i = 1
      while i <= count and object[shape[i]] ~= nil do
        i = i + 1
      end
      if i > count then
        return shape
      end
    end
    local keys, n = {}, 0
    local odd = false
    for key in next, object do
      -- no early end: how many instructions this takes must not depend on Lua's order
      if type(key) ~= "string" then
        odd = true
      end
      n = n + 1
      keys[n] = key
    end
    if odd then
      error("invalid table: mixed or invalid key types")
    end
    sort(keys)
    shapes[depth] = keys
    return keys
  end
  local keys, values, n = {}, {}, 0
  for key, value in pairs(object) do
    if type(key) ~= "string" then
      error("invalid table: mixed or invalid key types")
    end
    n = n + 1
    keys[n], values[key] = key, value
  end
  sort(keys)
  return keys, values
end

local function write_object(object, out, n, depth, state)
  local keys, values = keys_of(object, state.shapes, depth)
  values = values or object
  local heads = state.heads
  local lead = "{"
  for i = 1, #keys do
    local key = keys[i]
    local value = values[key]
    local kind = type(value)
    if kind ~= "function" or SEED then
      local head = heads[key]
      if not head then
        head = quote(key) .. ":"
        heads[key] = head
      end
      out[n + 1] = lead
      n = n + 2
      out[n] = head
      lead = ","
      if kind == "table" then
        n = write_table(value, out, n, depth + 1, state)
      else
        n = write_scalar(value, out, n)
      end
    end
  end
  n = n + 1
  out[n] = lead == "{" and "{}" or "}"
  return n
end

-- Is every key of the array a number, and as many as it is long?
local function check_array(items)
  local count = 0
  if getmetatable(items) == nil then
    for _ in next, items do
      count = count + 1
    end
    local i = 1
    while i <= count and items[i] ~= nil do
      i = i + 1
    end
    if i > count then
      return
    end
    count = 0
  end
  for key in pairs(items) do
    if type(key) ~= "number" then
      error("invalid table: mixed or invalid key types")
    end
    count = count + 1
  end
  if count ~= #items then
    error("invalid table: sparse array")
  end
end

function write_table(value, out, n, depth, state)
  local open = state.open
  if open[value] then
    error("circular reference")
  end
  open[value] = true
  if rawget(value, 1) ~= nil or next(value) == nil then
    check_array(value)
    n = write_array(value, out, n, depth, state)
  else
    n = write_object(value, out, n, depth, state)
  end
  open[value] = nil
  return n
end

--- The value as JSON text, without blanks, keys sorted. Functions in objects are left out;
-- an empty table is an array.
function json.encode(value)
  local out = {}
  if type(value) == "table" then
    write_table(value, out, 0, 1, { open = {}, heads = {}, shapes = {} })
  else
    write_scalar(value, out, 0)
  end
  return concat(out)
end

-- A piece of the text in an error: where `at` lies.
local function fail(text, at, message)
  local line, column = 1, at
  local from = 1
  while true do
    local newline = find(text, "\n", from, true)
    if not newline or newline >= at then
      break
    end
    line, column = line + 1, at - newline
    from = newline + 1
  end
  error(string_format("%s at line %d col %d", message, line, column))
end

local UNESCAPES = {
  ["\\"] = "\\",
  ["/"] = "/",
  ['"'] = '"',
  b = "\b",
  f = "\f",
  n = "\n",
  r = "\r",
  t = "\t",
}

local function utf8_of(code)
  if code <= 0x7f then
    return char(code)
  elseif code <= 0x7ff then
    return char(code // 64 + 192, code % 64 + 128)
  elseif code <= 0xffff then
    return char(code // 4096 + 224, code % 4096 // 64 + 128, code % 64 + 128)
  elseif code > 0x10ffff then
    error(string_format("invalid unicode codepoint '%x'", code))
  end
  return char(code // 262144 + 240, code % 262144 // 4096 + 128, code % 4096 // 64 + 128, code % 64 + 128)
end

-- A string with escapes: `from` is after the opening quote, which lies at `start`.
-- Answers the string and the place after the closing quote.
local function read_escaped(text, from, start)
  local out, n = {}, 0
  while true do
    local stop = find(text, '[\0-\31\\"]', from)
    if not stop then
      fail(text, start, "expected closing quote for string")
    end
    if stop > from then
      n = n + 1
      out[n] = sub(text, from, stop - 1)
    end
    local code = byte(text, stop)
    if code == 34 then
      return concat(out), stop + 1
    elseif code < 32 then
      fail(text, stop, "control character in string")
    end
    local letter = sub(text, stop + 1, stop + 1)
    local plain = UNESCAPES[letter]
    n = n + 1
    if plain then
      out[n] = plain
      from = stop + 2
    elseif letter == "u" then
      local high, low = match(text, "^([dD][89aAbB]%x%x)\\u(%x%x%x%x)", stop + 2)
      if high then
        out[n] = utf8_of((tonumber(high, 16) - 0xd800) * 0x400 + (tonumber(low, 16) - 0xdc00) + 0x10000)
        from = stop + 12
      else
        local hex = match(text, "^%x%x%x%x", stop + 2)
        if not hex then
          fail(text, stop, "invalid unicode escape in string")
        end
        out[n] = utf8_of(tonumber(hex, 16))
        from = stop + 6
      end
    else
      fail(text, stop, "invalid escape char '" .. letter .. "' in string")
    end
  end
end

local LITERALS = { ["true"] = true, ["false"] = false }

-- true, false, null and numbers: what lies before the next blank, comma or closing bracket.
local function read_word(text, at, code)
  local word, after = match(text, "^([^ \t\r\n%]},]*)()", at)
  if code == 45 or (code >= 48 and code <= 57) then
    local number = tonumber(word)
    if not number then
      fail(text, at, "invalid number '" .. word .. "'")
    end
    return number, after
  end
  local value = LITERALS[word]
  if value == nil and word ~= "null" then
    fail(text, at, "invalid literal '" .. word .. "'")
  end
  return value, after
end

-- What a value may start with: " - 0-9 f n t [ {
local STARTS = { [34] = true, [45] = true, [91] = true, [102] = true, [110] = true, [116] = true, [123] = true }
for code = 48, 57 do
  STARTS[code] = true
end

local read_array, read_object

-- Reads the value at `at` (no blank lies there); answers it and the place after it.
local function read(text, at, code)
  if code == 34 then
    local value, after = match(text, '^([^\0-\31\\"]*)"()', at + 1)
    if value then
      return value, after
    end
    return read_escaped(text, at + 1, at)
  elseif code == 123 then
    return read_object(text, at + 1)
  elseif code == 91 then
    return read_array(text, at + 1)
  elseif STARTS[code] then
    return read_word(text, at, code)
  end
  fail(text, at, "unexpected character '" .. sub(text, at, at) .. "'")
end

function read_array(text, at)
  local items, n = {}, 0
  local code = byte(text, at)
  while true do
    if code == 32 or code == 10 or code == 13 or code == 9 then
      at = find(text, "[^ \t\r\n]", at) or #text + 1
      code = byte(text, at)
    end
    if code == 93 then
      return items, at + 1
    end
    n = n + 1
    items[n], at = read(text, at, code)
    code = byte(text, at)
    if code ~= 44 and code ~= 93 then
      at = find(text, "[^ \t\r\n]", at) or #text + 1
      code = byte(text, at)
    end
    if code == 44 then
      at = at + 1
      code = byte(text, at)
    elseif code == 93 then
      return items, at + 1
    else
      fail(text, at + 1, "expected ']' or ','")
    end
  end
end

function read_object(text, at)
  local object = {}
  while true do
    -- Most keys: no escape. The value starts at `at`, with the byte `code`.
    local key, code
    local quick, after = match(text, '^[ \t\r\n]*"([^\0-\31\\"]*)"[ \t\r\n]*:[ \t\r\n]*()', at)
    if quick then
      key, at = quick, after
    else
      at = find(text, "[^ \t\r\n]", at) or #text + 1
      code = byte(text, at)
      if code == 125 then
        return object, at + 1
      elseif code ~= 34 then
        fail(text, at, "expected string for key")
      end
      key, at = read(text, at, code)
      at = find(text, "[^ \t\r\n]", at) or #text + 1
      if byte(text, at) ~= 58 then
        fail(text, at, "expected ':' after key")
      end
      at = find(text, "[^ \t\r\n]", at + 1) or #text + 1
    end
    object[key], at = read(text, at, byte(text, at))
    code = byte(text, at)
    if code ~= 44 and code ~= 125 then
      at = find(text, "[^ \t\r\n]", at) or #text + 1
      code = byte(text, at)
    end
    if code == 125 then
      return object, at + 1
    elseif code ~= 44 then
      fail(text, at + 1, "expected '}' or ','")
    end
    at = at + 1
  end
end

--- The value of a JSON text. `null` is nil; numbers are read as Lua reads them.
function json.decode(text)
  if type(text) ~= "string" then
    error("expected argument of type string, got " .. type(text))
  end
  local at = find(text, "[^ \t\r\n]") or #text + 1
  local value, after = read(text, at, byte(text, at))
  local trailing = find(text, "[^ \t\r\n]", after)
  if trailing then
    fail(text, trailing, "trailing garbage")
  end
  return value
end

return json
