--- Base64 (RFC 4648), with alphabets of one's own.

local error, type, pairs = error, type, pairs
local byte, char, find, gsub, sub, string_format =
  string.byte, string.char, string.find, string.gsub, string.sub, string.format
local concat = table.concat

local base64 = {}

-- The code of the first byte; errors as of a method call, which it is on the network.
local function code_of(letter)
  if type(letter) == "string" then
    return (byte(letter))
  elseif type(letter) == "table" then
    error("attempt to call a nil value (method 'byte')", 2)
  end
  error("attempt to index a " .. type(letter) .. " value (local 'char')", 2)
end

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

--- A table from values (0 … 63, and 64 for the padding) to codes of letters.
-- @param s62 the letter of 62, "+" when left out
-- @param s63 the letter of 63, "/" when left out
-- @param spad the padding, "=" when left out
function base64.makeencoder(s62, s63, spad)
  local encoder = {}
  for value = 0, 61 do
    encoder[value] = byte(LETTERS, value + 1)
  end
  encoder[62] = code_of(s62 or "+")
  encoder[63] = code_of(s63 or "/")
  encoder[64] = code_of(spad or "=")
  return encoder
end

--- A table from codes of letters to values: the inverse of `makeencoder`.
function base64.makedecoder(s62, s63, spad)
  local decoder = {}
  for value, code in pairs(base64.makeencoder(s62, s63, spad)) do
    decoder[code] = value
  end
  return decoder
end

local ENCODER = base64.makeencoder()
local DECODER = base64.makedecoder()

--- The text of the bytes.
-- @param encoder what `makeencoder` gives
-- (A third argument asks the network to remember groups; it changes nothing that can be seen.)
function base64.encode(str, encoder, _)
  encoder = encoder or ENCODER
  local length = #str
  if type(str) ~= "string" then
    if length > 0 then
      error("attempt to call a nil value (method 'byte')")
    end
    return ""
  end
  local out, n = {}, 0
  local rest = length % 3
  local i, last = 1, length - rest
  while i + 11 <= last do
    -- Four groups at a time: one call makes sixteen letters.
    local a, b, c, d, f, g, h, j, k, l, m, o = byte(str, i, i + 11)
    n = n + 1
    out[n] = char(
      encoder[a >> 2],
      encoder[(a & 3) << 4 | b >> 4],
      encoder[(b & 15) << 2 | c >> 6],
      encoder[c & 63],
      encoder[d >> 2],
      encoder[(d & 3) << 4 | f >> 4],
      encoder[(f & 15) << 2 | g >> 6],
      encoder[g & 63],
      encoder[h >> 2],
      encoder[(h & 3) << 4 | j >> 4],
      encoder[(j & 15) << 2 | k >> 6],
      encoder[k & 63],
      encoder[l >> 2],
      encoder[(l & 3) << 4 | m >> 4],
      encoder[(m & 15) << 2 | o >> 6],
      encoder[o & 63]
    )
    i = i + 12
  end
  while i <= last do
    local a, b, c = byte(str, i, i + 2)
    n = n + 1
    out[n] = char(encoder[a >> 2], encoder[(a & 3) << 4 | b >> 4], encoder[(b & 15) << 2 | c >> 6], encoder[c & 63])
    i = i + 3
  end
  if rest == 2 then
    local a, b = byte(str, i, i + 1)
    n = n + 1
    out[n] = char(encoder[a >> 2], encoder[(a & 3) << 4 | b >> 4], encoder[(b & 15) << 2], encoder[64])
  elseif rest == 1 then
    local a = byte(str, i)
    n = n + 1
    out[n] = char(encoder[a >> 2], encoder[(a & 3) << 4], encoder[64], encoder[64])
  end
  return concat(out)
end

-- The pattern of bytes that a decoder passes over.
local function noise_of(decoder)
  local code62, code63
  for code, value in pairs(decoder) do
    if value == 62 then
      code62 = code
    elseif value == 63 then
      code63 = code
    end
  end
  return string_format("[^%%w%%%s%%%s%%=]", char(code62), char(code63))
end
local NOISE = noise_of(DECODER)

--- The bytes of the text. What is no letter of base64 is passed over.
-- @param decoder what `makedecoder` gives
-- (The third argument, see `encode`, shows in the errors.)
function base64.decode(b64, decoder, remember)
  local noise = NOISE
  if decoder then
    noise = noise_of(decoder)
  else
    decoder = DECODER
  end
  if type(b64) == "table" then
    error("attempt to call a nil value (method 'gsub')")
  elseif type(b64) ~= "string" then
    error("attempt to index a " .. type(b64) .. " value (local 'b64')")
  end
  if find(b64, noise) then
    b64 = gsub(b64, noise, "")
  end
  local length = #b64
  local padding = sub(b64, -2) == "==" and 2 or sub(b64, -1) == "=" and 1 or 0
  local last = padding > 0 and length - 4 or length
  local out, n, i = {}, 0, 1
  while i + 15 <= last do
    local a, b, c, d, f, g, h, j, k, l, m, o, p, q, r, s = byte(b64, i, i + 15)
    local v = decoder[a] * 0x40000 + decoder[b] * 0x1000 + decoder[c] * 0x40 + decoder[d]
    local w = decoder[f] * 0x40000 + decoder[g] * 0x1000 + decoder[h] * 0x40 + decoder[j]
    local x = decoder[k] * 0x40000 + decoder[l] * 0x1000 + decoder[m] * 0x40 + decoder[o]
    local y = decoder[p] * 0x40000 + decoder[q] * 0x1000 + decoder[r] * 0x40 + decoder[s]
    n = n + 1
    out[n] = char(
      v >> 16 & 255,
      v >> 8 & 255,
      v & 255,
      w >> 16 & 255,
      w >> 8 & 255,
      w & 255,
      x >> 16 & 255,
      x >> 8 & 255,
      x & 255,
      y >> 16 & 255,
      y >> 8 & 255,
      y & 255
    )
    i = i + 16
  end
  while i <= last do
    local a, b, c, d = byte(b64, i, i + 3)
    if not d and remember then
      error("attempt to perform arithmetic on a nil value (local '" .. (not b and "b" or not c and "c" or "d") .. "')")
    end
    local v = decoder[a] * 0x40000 + decoder[b] * 0x1000 + decoder[c] * 0x40 + decoder[d]
    n = n + 1
    out[n] = char(v >> 16 & 255, v >> 8 & 255, v & 255)
    i = i + 4
  end
  if padding == 1 then
    local a, b, c = byte(b64, last + 1, last + 3)
    local v = decoder[a] * 0x40000 + decoder[b] * 0x1000 + decoder[c] * 0x40
    n = n + 1
    out[n] = char(v >> 16 & 255, v >> 8 & 255)
  elseif padding == 2 then
    local a, b = byte(b64, last + 1, last + 2)
    local v = decoder[a] * 0x40000 + decoder[b] * 0x1000
    n = n + 1
    out[n] = char(v >> 16 & 255)
  end
  return concat(out)
end

return base64
