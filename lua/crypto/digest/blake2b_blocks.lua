--- BLAKE2b (RFC 7693) block by block, for the messages on which the network's code leaves the standard.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local pack, rep, sub, unpack = string.pack, string.rep, string.sub, string.unpack
local getn = table.pack

-- stylua: ignore
local ORDER = {
  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
  { 15, 11, 5, 9, 10, 16, 14, 7, 2, 13, 1, 3, 12, 8, 6, 4 },
  { 12, 9, 13, 1, 6, 3, 16, 14, 11, 15, 4, 7, 8, 2, 10, 5 },
  { 8, 10, 4, 2, 14, 13, 12, 15, 3, 7, 6, 11, 5, 1, 16, 9 },
  { 10, 1, 6, 8, 3, 5, 11, 16, 15, 2, 12, 13, 7, 9, 4, 14 },
  { 3, 13, 7, 11, 1, 12, 9, 4, 5, 14, 8, 6, 16, 15, 2, 10 },
  { 13, 6, 2, 16, 15, 14, 5, 11, 1, 8, 7, 4, 10, 3, 9, 12 },
  { 14, 12, 8, 15, 13, 2, 4, 10, 6, 1, 16, 5, 9, 7, 3, 11 },
  { 7, 16, 15, 10, 12, 4, 1, 9, 13, 3, 14, 8, 2, 5, 11, 6 },
  { 11, 3, 9, 5, 8, 7, 2, 6, 16, 12, 10, 15, 4, 13, 14, 1 },
  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
  { 15, 11, 5, 9, 10, 16, 14, 7, 2, 13, 1, 3, 12, 8, 6, 4 },
}

-- stylua: ignore
local I0, I1, I2, I3, I4, I5, I6, I7 =
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179

-- Take a block into the state. The mixing is written out: a call for each would double the time.
-- `count`: the bytes up to its end; `last`: -1 for the last block, 0 for the others.
local function compress(h, text, at, count, last)
  local m = getn(unpack("<i8i8i8i8i8i8i8i8i8i8i8i8i8i8i8i8", text, at))
  local v0, v1, v2, v3, v4, v5, v6, v7 = h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
  local v8, v9, v10, v11, v12, v13, v14, v15 = I0, I1, I2, I3, I4 ~ count, I5, I6 ~ last, I7
  for i = 1, 12 do
    local s = ORDER[i]

    v0 = v0 + v4 + m[s[1]]
    v12 = v12 ~ v0
    v12 = v12 >> 32 | v12 << 32
    v8 = v8 + v12
    v4 = v4 ~ v8
    v4 = v4 >> 24 | v4 << 40
    v0 = v0 + v4 + m[s[2]]
    v12 = v12 ~ v0
    v12 = v12 >> 16 | v12 << 48
    v8 = v8 + v12
    v4 = v4 ~ v8
    v4 = v4 >> 63 | v4 << 1

    v1 = v1 + v5 + m[s[3]]
    v13 = v13 ~ v1
    v13 = v13 >> 32 | v13 << 32
    v9 = v9 + v13
    v5 = v5 ~ v9
    v5 = v5 >> 24 | v5 << 40
    v1 = v1 + v5 + m[s[4]]
    v13 = v13 ~ v1
    v13 = v13 >> 16 | v13 << 48
    v9 = v9 + v13
    v5 = v5 ~ v9
    v5 = v5 >> 63 | v5 << 1

    v2 = v2 + v6 + m[s[5]]
    v14 = v14 ~ v2
    v14 = v14 >> 32 | v14 << 32
    v10 = v10 + v14
    v6 = v6 ~ v10
    v6 = v6 >> 24 | v6 << 40
    v2 = v2 + v6 + m[s[6]]
    v14 = v14 ~ v2
    v14 = v14 >> 16 | v14 << 48
    v10 = v10 + v14
    v6 = v6 ~ v10
    v6 = v6 >> 63 | v6 << 1

    v3 = v3 + v7 + m[s[7]]
    v15 = v15 ~ v3
    v15 = v15 >> 32 | v15 << 32
    v11 = v11 + v15
    v7 = v7 ~ v11
    v7 = v7 >> 24 | v7 << 40
    v3 = v3 + v7 + m[s[8]]
    v15 = v15 ~ v3
    v15 = v15 >> 16 | v15 << 48
    v11 = v11 + v15
    v7 = v7 ~ v11
    v7 = v7 >> 63 | v7 << 1

    v0 = v0 + v5 + m[s[9]]
    v15 = v15 ~ v0
    v15 = v15 >> 32 | v15 << 32
    v10 = v10 + v15
    v5 = v5 ~ v10
    v5 = v5 >> 24 | v5 << 40
    v0 = v0 + v5 + m[s[10]]
    v15 = v15 ~ v0
    v15 = v15 >> 16 | v15 << 48
    v10 = v10 + v15
    v5 = v5 ~ v10
    v5 = v5 >> 63 | v5 << 1

    v1 = v1 + v6 + m[s[11]]
    v12 = v12 ~ v1
    v12 = v12 >> 32 | v12 << 32
    v11 = v11 + v12
    v6 = v6 ~ v11
    v6 = v6 >> 24 | v6 << 40
    v1 = v1 + v6 + m[s[12]]
    v12 = v12 ~ v1
    v12 = v12 >> 16 | v12 << 48
    v11 = v11 + v12
    v6 = v6 ~ v11
    v6 = v6 >> 63 | v6 << 1

    v2 = v2 + v7 + m[s[13]]
    v13 = v13 ~ v2
    v13 = v13 >> 32 | v13 << 32
    v8 = v8 + v13
    v7 = v7 ~ v8
    v7 = v7 >> 24 | v7 << 40
    v2 = v2 + v7 + m[s[14]]
    v13 = v13 ~ v2
    v13 = v13 >> 16 | v13 << 48
    v8 = v8 + v13
    v7 = v7 ~ v8
    v7 = v7 >> 63 | v7 << 1

    v3 = v3 + v4 + m[s[15]]
    v14 = v14 ~ v3
    v14 = v14 >> 32 | v14 << 32
    v9 = v9 + v14
    v4 = v4 ~ v9
    v4 = v4 >> 24 | v4 << 40
    v3 = v3 + v4 + m[s[16]]
    v14 = v14 ~ v3
    v14 = v14 >> 16 | v14 << 48
    v9 = v9 + v14
    v4 = v4 ~ v9
    v4 = v4 >> 63 | v4 << 1
  end
  h[1], h[2], h[3], h[4] = h[1] ~ v0 ~ v8, h[2] ~ v1 ~ v9, h[3] ~ v2 ~ v10, h[4] ~ v3 ~ v11
  h[5], h[6], h[7], h[8] = h[5] ~ v4 ~ v12, h[6] ~ v5 ~ v13, h[7] ~ v6 ~ v14, h[8] ~ v7 ~ v15
end

--- The digest of data of whole blocks, with an empty block behind them.
function private.blake2b(data, length, key)
  local h = { I0 ~ 0x01010000 ~ #key << 8 ~ length, I1, I2, I3, I4, I5, I6, I7 }
  local count = 0
  if key ~= "" then
    count = 128
    compress(h, key .. rep("\0", 128 - #key), 1, count, 0)
  end
  for at = 1, #data, 128 do
    count = count + 128
    compress(h, data, at, count, 0)
  end
  compress(h, rep("\0", 128), 1, count, -1)
  return sub(pack("<i8i8i8i8i8i8i8i8", h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]), 1, length)
end

return {}
