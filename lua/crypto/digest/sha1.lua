--- SHA-1 (FIPS 180-4).
local _, host = ...
local require = require
require(".crypto.digest.hasher")
local private = host.crypto
local getn, unpack = table.pack, string.unpack

local MASK = 0xffffffff

local function rotate(x, n)
  return (x << n | x >> 32 - n) & MASK
end

local function compress(state, block)
  local w = getn(unpack(">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", block))
  for i = 17, 80 do
    w[i] = rotate(w[i - 3] ~ w[i - 8] ~ w[i - 14] ~ w[i - 16], 1)
  end
  local a, b, c, d, e = state[1], state[2], state[3], state[4], state[5]
  for i = 1, 80 do
    local f
    if i <= 20 then
      f = (b & c | ~b & d) + 0x5a827999
    elseif i <= 40 then
      f = (b ~ c ~ d) + 0x6ed9eba1
    elseif i <= 60 then
      f = (b & c | b & d | c & d) + 0x8f1bbcdc
    else
      f = (b ~ c ~ d) + 0xca62c1d6
    end
    a, b, c, d, e = rotate(a, 5) + f + e + w[i] & MASK, a, rotate(b, 30), c, d
  end
  return {
    state[1] + a & MASK,
    state[2] + b & MASK,
    state[3] + c & MASK,
    state[4] + d & MASK,
    state[5] + e & MASK,
  }
end

local SHA1, sha1 = private.hasher({
  algorithm = "sha1",
  words = ">I4I4I4I4I4",
  count = 5,
  initial = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 },
  compress = compress,
  fail = private.failure(".crypto.digest.sha1"),
  line = 221,
  at = 25,
})

--- `SHA1` makes an object, `sha1` is the digest of what is left of a stream.
return { SHA1 = SHA1, sha1 = sha1 }
