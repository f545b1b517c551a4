--- Classes of bytes: the bytes that an item of a pattern stands for, as tables byte → true, and as texts for C.

local vm = ...

local next = next
local byte, raw_find, char, raw_gsub = string.byte, string.find, string.char, string.gsub
local concat = table.concat

local memo, patterns = vm.memo, vm.patterns

local PERCENT, CARET, MINUS = byte("%^-", 1, -1)

--- The bytes that a class letter such as %a stands for; false for other letters.
local letters = memo(256, function(letter)
  if not raw_find("acdglpsuwxACDGLPSUWX", char(letter), 1, true) then
    return false
  end
  local bytes = {}
  for b = 0, 255 do
    if raw_find(char(b), "%" .. char(letter)) then
      bytes[b] = true
    end
  end
  return bytes
end)

local every = {}
for b = 0, 255 do
  every[b] = true
end

--- Bytes of the set whose text runs from `from` ("[") to `to` ("]").
local function set_bytes(p, from, to)
  local bytes, i = {}, from + 1
  local negated = byte(p, i) == CARET
  if negated then
    i = i + 1
  end
  while i < to do
    local c = byte(p, i)
    if c == PERCENT then
      i = i + 1
      c = byte(p, i)
      local class = letters[c]
      if class then
        for b in next, class do
          bytes[b] = true
        end
      else
        bytes[c] = true
      end
    elseif byte(p, i + 1) == MINUS and i + 2 < to then
      for b = c, byte(p, i + 2) do
        bytes[b] = true
      end
      i = i + 2
    else
      bytes[c] = true
    end
    i = i + 1
  end
  if negated then
    local others = {}
    for b = 0, 255 do
      if not bytes[b] then
        others[b] = true
      end
    end
    return others
  end
  return bytes
end

--- The text of a class of these bytes, or of all others; nil for an empty one.
local function class_text(bytes, others)
  local parts, n, b = {}, 0, 0
  while b <= 255 do
    if (bytes[b] == true) ~= others then
      local last = b
      while last < 255 and (bytes[last + 1] == true) ~= others do
        last = last + 1
      end
      n = n + 1
      -- ends of a range stand as they are: what has a meaning there stands alone
      if last - b >= 2 and not raw_find(char(b) .. char(last), "[%%%]%^%-]") then
        parts[n] = char(b) .. "-" .. char(last)
        b = last
      else
        parts[n] = raw_gsub(char(b), "%p", "%%%0")
      end
    end
    b = b + 1
  end
  if n == 0 then
    return nil
  end
  return "[" .. concat(parts) .. "]"
end

--- One class: its bytes, a pattern that finds one of them, and one that finds anything else.
local function new_class(bytes)
  return { bytes = bytes, yes = class_text(bytes, false), no = class_text(bytes, true) }
end

patterns.letters, patterns.every = letters, every
patterns.set_bytes, patterns.new_class = set_bytes, new_class
