--- MORUS-1280 (version 2 of the CAESAR submission by Wu and Huang): authenticated encryption.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local pack, rep, sub, unpack = string.pack, string.rep, string.sub, string.unpack
local concat = table.concat
local error, tonumber, type = error, tonumber, type
local tointeger = math.tointeger
local fail = private.failure(".crypto.cipher.morus")

local BLOCK, WORDS = 32, "<i8i8i8i8"

-- The state: five rows of four words. Each round changes one row, rotated within its words, and rotates another row
-- by whole words. Those rotations are done by naming the words.
local function state_update(s, m0, m1, m2, m3)
  local a0, a1, a2, a3 = s[1], s[2], s[3], s[4]
  local b0, b1, b2, b3 = s[5], s[6], s[7], s[8]
  local c0, c1, c2, c3 = s[9], s[10], s[11], s[12]
  local d0, d1, d2, d3 = s[13], s[14], s[15], s[16]
  local e0, e1, e2, e3 = s[17], s[18], s[19], s[20]

  a0, a1, a2, a3 = a0 ~ b0 & c0 ~ d0, a1 ~ b1 & c1 ~ d1, a2 ~ b2 & c2 ~ d2, a3 ~ b3 & c3 ~ d3
  a0, a1, a2, a3 = a0 << 13 | a0 >> 51, a1 << 13 | a1 >> 51, a2 << 13 | a2 >> 51, a3 << 13 | a3 >> 51
  d0, d1, d2, d3 = d3, d0, d1, d2

  b0, b1, b2, b3 = b0 ~ c0 & d0 ~ e0 ~ m0, b1 ~ c1 & d1 ~ e1 ~ m1, b2 ~ c2 & d2 ~ e2 ~ m2, b3 ~ c3 & d3 ~ e3 ~ m3
  b0, b1, b2, b3 = b0 << 46 | b0 >> 18, b1 << 46 | b1 >> 18, b2 << 46 | b2 >> 18, b3 << 46 | b3 >> 18
  e0, e1, e2, e3 = e2, e3, e0, e1

  c0, c1, c2, c3 = c0 ~ d0 & e0 ~ a0 ~ m0, c1 ~ d1 & e1 ~ a1 ~ m1, c2 ~ d2 & e2 ~ a2 ~ m2, c3 ~ d3 & e3 ~ a3 ~ m3
  c0, c1, c2, c3 = c0 << 38 | c0 >> 26, c1 << 38 | c1 >> 26, c2 << 38 | c2 >> 26, c3 << 38 | c3 >> 26
  a0, a1, a2, a3 = a1, a2, a3, a0

  d0, d1, d2, d3 = d0 ~ e0 & a0 ~ b0 ~ m0, d1 ~ e1 & a1 ~ b1 ~ m1, d2 ~ e2 & a2 ~ b2 ~ m2, d3 ~ e3 & a3 ~ b3 ~ m3
  d0, d1, d2, d3 = d0 << 7 | d0 >> 57, d1 << 7 | d1 >> 57, d2 << 7 | d2 >> 57, d3 << 7 | d3 >> 57
  b0, b1, b2, b3 = b2, b3, b0, b1

  e0, e1, e2, e3 = e0 ~ a0 & b0 ~ c0 ~ m0, e1 ~ a1 & b1 ~ c1 ~ m1, e2 ~ a2 & b2 ~ c2 ~ m2, e3 ~ a3 & b3 ~ c3 ~ m3
  e0, e1, e2, e3 = e0 << 4 | e0 >> 60, e1 << 4 | e1 >> 60, e2 << 4 | e2 >> 60, e3 << 4 | e3 >> 60
  c0, c1, c2, c3 = c3, c0, c1, c2

  s[1], s[2], s[3], s[4] = a0, a1, a2, a3
  s[5], s[6], s[7], s[8] = b0, b1, b2, b3
  s[9], s[10], s[11], s[12] = c0, c1, c2, c3
  s[13], s[14], s[15], s[16] = d0, d1, d2, d3
  s[17], s[18], s[19], s[20] = e0, e1, e2, e3
end

local function initialize(key, iv)
  private.sizeable(key, fail, 411, "key")
  if type(key) ~= "string" or #key ~= 16 and #key ~= 32 then
    fail(411, "key must be 16 or 32 bytes")
  end
  private.sizeable(iv, fail, 413, "iv")
  if type(iv) ~= "string" or #iv ~= 16 then
    fail(413, "iv must be 16 bytes")
  end
  local k0, k1, k2, k3 = unpack(WORDS, #key == 16 and key .. key or key)
  local n0, n1 = unpack("<i8i8", iv)
  -- stylua: ignore
  local s = {
    n0, n1, 0, 0,
    k0, k1, k2, k3,
    -1, -1, -1, -1,
    0, 0, 0, 0,
    -- The Fibonacci numbers modulo 256.
    0x0d08050302010100, 0x6279e99059372215, 0xf12fc26d55183ddb, 0xdd28b57342311120,
  }
  for _ = 1, 16 do
    state_update(s, 0, 0, 0, 0)
  end
  s[5], s[6], s[7], s[8] = s[5] ~ k0, s[6] ~ k1, s[7] ~ k2, s[8] ~ k3
  return s
end

-- The block at `at`, filled with zeros if it is the last.
local function block(text, at)
  local piece = sub(text, at, at + BLOCK - 1)
  return #piece == BLOCK and piece or piece .. rep("\0", BLOCK - #piece)
end

-- What the state gives for a block to be xored with: row 1 ~ row 2 rotated by 192 bits ~ (row 3 & row 4).
local function keystream(s)
  return s[1] ~ s[6] ~ s[9] & s[13],
    s[2] ~ s[7] ~ s[10] & s[14],
    s[3] ~ s[8] ~ s[11] & s[15],
    s[4] ~ s[5] ~ s[12] & s[16]
end

local function authenticate(s, ad)
  for at = 1, #ad, BLOCK do
    state_update(s, unpack(WORDS, block(ad, at)))
  end
end

-- Encrypt or decrypt, block by block, behind the pieces there are: the state takes in the plain text either way.
local function crypt(s, text, decrypting, parts)
  local n, size = #parts, #text
  for at = 1, size, BLOCK do
    local left = size - at + 1
    local a, b, c, d = unpack(WORDS, block(text, at))
    local w, x, y, z = keystream(s)
    local out = pack(WORDS, a ~ w, b ~ x, c ~ y, d ~ z)
    if left < BLOCK then
      out = sub(out, 1, left)
    end
    if decrypting then
      a, b, c, d = unpack(WORDS, block(out, 1))
    end
    state_update(s, a, b, c, d)
    n = n + 1
    parts[n] = out
  end
  return parts
end

local function tag(s, adlen, mlen)
  s[17], s[18], s[19], s[20] = s[17] ~ s[1], s[18] ~ s[2], s[19] ~ s[3], s[20] ~ s[4]
  for _ = 1, 10 do
    state_update(s, adlen * 8, mlen * 8, 0, 0)
  end
  local first, second = keystream(s)
  return pack("<i8i8", first, second)
end

-- What a table is to the network's code: it has a length, and no bytes.
local function refuse(value, whole, rest)
  if type(value) == "table" and #value >= BLOCK then
    fail(whole, "bad argument #2 to 'unpack' (string expected, got table)")
  elseif type(value) == "table" and #value > 0 then
    fail(rest, "attempt to call a nil value (method 'sub')")
  end
end

--- Encrypt a string under a key of 16 or 32 bytes and an iv of 16; `ad` goes before it, readable and authenticated.
local function encrypt(key, iv, m, ad)
  ad = ad or ""
  private.sizeable(m, fail, 535, "m")
  private.sizeable(ad, fail, 535, "ad")
  local s = initialize(key, iv)
  refuse(ad, 553, 563)
  refuse(m, 581, 597)
  m, ad = type(m) == "table" and "" or m, type(ad) == "table" and "" or ad
  authenticate(s, ad)
  local pieces = crypt(s, m, false, { ad })
  pieces[#pieces + 1] = tag(s, #ad, #m)
  return private.pieces(pieces)
end

-- Where the network's code reads over the end, or before the start, of what is there: its errors.
local SHORT, OUT = "(data string too short)", "(initial position out of string)"

-- Reads n bytes at a position that may count from the end.
local function reach(size, at, n, line)
  local from = at
  if at < 0 then
    from = at < -size and 0 or size + at + 1
  end
  if from < 1 or from > size + 1 then
    fail(line, "bad argument #3 to 'unpack' %s", OUT)
  elseif from + n - 1 > size then
    fail(line, "bad argument #2 to 'unpack' %s", SHORT)
  end
end

-- Goes over the blocks from `at` to `last`. The last one is filled up by what should be missing; if its size is not
-- that of a block then, the size is the error.
local function walk(e, at, last, line)
  while last - at >= BLOCK - 1 do
    reach(#e, at, BLOCK, line)
    at = at + BLOCK
  end
  if last >= at then
    local size = #sub(e, at, last) + BLOCK - (last - at + 1)
    if size ~= BLOCK then
      error(size, 0)
    end
  end
end

--- The plain text, or nil and a message if it or the `adlen` bytes before it are not what was encrypted.
local function decrypt(key, iv, e, adlen)
  private.sizeable(e, fail, 677, "e")
  if type(e) == "table" then
    fail(759, "bad argument #2 to 'unpack' (string expected, got table)")
  end
  adlen = adlen or 0
  if type(adlen) == "string" and tonumber(adlen) then
    fail(693, "attempt to compare number with string")
  elseif type(adlen) ~= "number" then
    fail(679, "attempt to perform arithmetic on a %s value (local 'adlen')", type(adlen))
  end
  local length = tointeger(adlen)
  if not length then
    fail(693, "bad argument #2 to 'sub' (number has no integer representation)")
  end
  local s = initialize(key, iv)
  local size = #e
  if length < 0 or length > size or size < 16 then
    walk(e, 1, length, 699)
    walk(e, length + 1, size - 16, 725)
    reach(size, size - 15, 16, 759)
  end
  if length < 0 or length > size - 16 then
    return nil, "decrypt error"
  end
  authenticate(s, sub(e, 1, length))
  local plain = concat(crypt(s, sub(e, length + 1, -17), true, {}))
  if tag(s, length, #plain) ~= sub(e, -16) then
    return nil, "decrypt error"
  end
  return plain
end

return {
  encrypt = encrypt,
  decrypt = decrypt,
  state_update = state_update,
  key_size = 32,
  nonce_size = 16,
  variant = "Morus-1280",
}
