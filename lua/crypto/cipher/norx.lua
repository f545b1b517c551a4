--- NORX64-4-1 (version 3.0 of the CAESAR submission by Aumasson, Jovanovic and Neves): authenticated encryption.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local char, pack, rep, sub, unpack = string.char, string.pack, string.rep, string.sub, string.unpack
local concat = table.concat
local type = type
local fail = private.failure(".crypto.cipher.norx")

local RATE = 96 -- bytes: 12 of the 16 words
local HEADER, PAYLOAD, TRAILER, TAG = 1, 2, 4, 8
local WORDS = "<" .. rep("i8", 12)

-- The quarter round. H is (x ~ y) ~ (x & y) << 1, an approximation of addition.
local function quarter(a, b, c, d)
  a = a ~ b ~ (a & b) << 1
  d = a ~ d
  d = d >> 8 | d << 56
  c = c ~ d ~ (c & d) << 1
  b = b ~ c
  b = b >> 19 | b << 45
  a = a ~ b ~ (a & b) << 1
  d = a ~ d
  d = d >> 40 | d << 24
  c = c ~ d ~ (c & d) << 1
  b = b ~ c
  return a, b >> 63 | b << 1, c, d
end

-- Some rounds, each on the columns and then on the diagonals.
local function permute(s, rounds)
  local s1, s2, s3, s4, s5, s6, s7, s8 = s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]
  local s9, s10, s11, s12, s13, s14, s15, s16 = s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16]
  for _ = 1, rounds do
    s1, s5, s9, s13 = quarter(s1, s5, s9, s13)
    s2, s6, s10, s14 = quarter(s2, s6, s10, s14)
    s3, s7, s11, s15 = quarter(s3, s7, s11, s15)
    s4, s8, s12, s16 = quarter(s4, s8, s12, s16)
    s1, s6, s11, s16 = quarter(s1, s6, s11, s16)
    s2, s7, s12, s13 = quarter(s2, s7, s12, s13)
    s3, s8, s9, s14 = quarter(s3, s8, s9, s14)
    s4, s5, s10, s15 = quarter(s4, s5, s10, s15)
  end
  s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8] = s1, s2, s3, s4, s5, s6, s7, s8
  s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16] = s9, s10, s11, s12, s13, s14, s15, s16
end

-- The constants: two rounds on 0 … 15.
local CONSTANTS = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }
permute(CONSTANTS, 2)

-- Go on in the state, for a block of the part of the message that `domain` says.
local function enter(s, domain)
  s[16] = s[16] ~ domain
  permute(s, 4)
end

local function xorkey(s, key)
  for i = 1, 4 do
    s[12 + i] = s[12 + i] ~ key[i]
  end
end

local function fourwords(text, line)
  if type(text) == "number" then
    text = text .. ""
  elseif type(text) ~= "string" then
    fail(line, "bad argument #2 to 'unpack' (string expected, got %s)", private.kind(text))
  end
  if #text < 32 then
    fail(line, "bad argument #2 to 'unpack' (data string too short)")
  end
  return { unpack("<i8i8i8i8", text) }
end

local function initialize(key, nonce)
  local n = fourwords(nonce, 329)
  local k = fourwords(key, 333)
  local u = CONSTANTS
  local s = { n[1], n[2], n[3], n[4], k[1], k[2], k[3], k[4], u[9], u[10], u[11], u[12] }
  -- The parameters: word size, rounds, parallelism, tag size.
  s[13], s[14], s[15], s[16] = u[13] ~ 64, u[14] ~ 4, u[15] ~ 1, u[16] ~ 256
  permute(s, 4)
  xorkey(s, k)
  return s, k
end

-- The last block of a text: what is left from `at`, a one bit at each end of the padding.
local function pad(text, at)
  local rest = sub(text, at)
  if #rest == RATE - 1 then
    return rest .. char(0x81)
  end
  return rest .. char(0x01) .. rep("\0", RATE - 2 - #rest) .. char(0x80)
end

-- Xor a block into the state; the words of the state are then those of the ciphertext.
local function absorb(s, block, at)
  local a, b, c, d, e, f, g, h, i, j, k, l = unpack(WORDS, block, at)
  s[1], s[2], s[3], s[4], s[5], s[6] = s[1] ~ a, s[2] ~ b, s[3] ~ c, s[4] ~ d, s[5] ~ e, s[6] ~ f
  s[7], s[8], s[9], s[10], s[11], s[12] = s[7] ~ g, s[8] ~ h, s[9] ~ i, s[10] ~ j, s[11] ~ k, s[12] ~ l
end

local function out(s)
  return pack(WORDS, s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12])
end

-- A text that a process gave: a table is as long as it is, and an empty one is no text.
local function check(text, line)
  private.sizeable(text, fail, line, "ins")
  return type(text) == "table" and "" or text
end

local function authenticate(s, text, domain)
  text = check(text, 371)
  if text == "" then
    return
  end
  local at = 1
  while #text - at + 1 >= RATE do
    enter(s, domain)
    absorb(s, text, at)
    at = at + RATE
  end
  enter(s, domain)
  absorb(s, pad(text, at), 1)
end

-- The pieces that the network's code makes: the words of each whole block, then what is left.
local function encipher(s, text)
  text = check(text, 397)
  local pieces, n, at = {}, 0, 1
  if text == "" then
    return pieces
  end
  while #text - at + 1 >= RATE do
    enter(s, PAYLOAD)
    absorb(s, text, at)
    for i = 1, 12 do
      pieces[n + i] = pack("<i8", s[i])
    end
    n, at = n + 12, at + RATE
  end
  enter(s, PAYLOAD)
  absorb(s, pad(text, at), 1)
  pieces[n + 1] = sub(out(s), 1, #text - at + 1)
  return pieces
end

local function decipher(s, text)
  if text == "" then
    return ""
  end
  local parts, n, at = {}, 0, 1
  while #text - at + 1 >= RATE do
    enter(s, PAYLOAD)
    absorb(s, text, at)
    n = n + 1
    parts[n] = out(s)
    -- The state goes on with the ciphertext.
    s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12] = unpack(WORDS, text, at)
    at = at + RATE
  end
  enter(s, PAYLOAD)
  local size = #text - at + 1
  local before = out(s)
  absorb(s, sub(text, at) .. rep("\0", RATE - size), 1)
  local plain = sub(out(s), 1, size)
  s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12] = unpack(WORDS, before)
  absorb(s, pad(plain, 1), 1)
  parts[n + 1] = plain
  return concat(parts)
end

local function tag(s, key)
  enter(s, TAG)
  xorkey(s, key)
  permute(s, 4)
  xorkey(s, key)
  return pack("<i8i8i8i8", s[13], s[14], s[15], s[16])
end

--- Encrypt a string under a key and a nonce of 32 bytes each. `header` and `trailer` are authenticated with it.
local function encrypt(key, nonce, plain, header, trailer)
  local s, k = initialize(key, nonce)
  authenticate(s, header or "", HEADER)
  local pieces = encipher(s, plain)
  authenticate(s, trailer or "", TRAILER)
  pieces[#pieces + 1] = tag(s, k)
  return private.pieces(pieces)
end

--- The plain text, or nil and a message if it, the header or the trailer is not what was encrypted.
local function decrypt(key, nonce, crypted, header, trailer)
  private.sizeable(crypted, fail, 599, "crypted")
  if #crypted < 32 then
    fail(599, "assertion failed!")
  end
  local s, k = initialize(key, nonce)
  authenticate(s, header or "", HEADER)
  local plain = decipher(s, sub(crypted, 1, -33))
  authenticate(s, trailer or "", TRAILER)
  if tag(s, k) ~= sub(crypted, -32) then
    return nil, "auth failure"
  end
  return plain
end

return {
  encrypt = encrypt,
  decrypt = decrypt,
  key_size = 32,
  nonce_size = 32,
  variant = "NORX 64-4-1",
}
