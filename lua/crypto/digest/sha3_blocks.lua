--- The Keccak sponge (FIPS 202) block by block, for the messages on which the network's code leaves the standard.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local char, pack, rep, sub, unpack = string.char, string.pack, string.rep, string.sub, string.unpack
local getn, spread = table.pack, table.unpack

-- The constants of the rounds, out of the standard's shift register; where each lane goes, and how far it turns.
local CONSTANTS, PLACE, TURN = {}, {}, {}
do
  local register = 1
  for round = 1, 24 do
    local constant = 0
    for j = 0, 6 do
      register = (register << 1 ~ (register >> 7) * 0x71) & 255
      if register & 2 ~= 0 then
        constant = constant ~ 1 << (1 << j) - 1
      end
    end
    CONSTANTS[round] = constant
  end
  local x, y = 1, 0
  for t = 1, 24 do
    x, y = y, (2 * x + 3 * y) % 5
    PLACE[t], TURN[t] = x + 5 * y + 1, t * (t + 1) // 2 % 64
  end
end

local function permute(a)
  for round = 1, 24 do
    local c0, c1, c2, c3, c4 =
      a[1] ~ a[6] ~ a[11] ~ a[16] ~ a[21],
      a[2] ~ a[7] ~ a[12] ~ a[17] ~ a[22],
      a[3] ~ a[8] ~ a[13] ~ a[18] ~ a[23],
      a[4] ~ a[9] ~ a[14] ~ a[19] ~ a[24],
      a[5] ~ a[10] ~ a[15] ~ a[20] ~ a[25]
    local d0, d1, d2, d3, d4 =
      c4 ~ (c1 << 1 | c1 >> 63),
      c0 ~ (c2 << 1 | c2 >> 63),
      c1 ~ (c3 << 1 | c3 >> 63),
      c2 ~ (c4 << 1 | c4 >> 63),
      c3 ~ (c0 << 1 | c0 >> 63)
    for i = 1, 25, 5 do
      a[i], a[i + 1], a[i + 2] = a[i] ~ d0, a[i + 1] ~ d1, a[i + 2] ~ d2
      a[i + 3], a[i + 4] = a[i + 3] ~ d3, a[i + 4] ~ d4
    end
    local lane = a[2]
    for t = 1, 24 do
      local place, turn = PLACE[t], TURN[t]
      a[place], lane = lane << turn | lane >> 64 - turn, a[place]
    end
    for i = 1, 25, 5 do
      local b0, b1, b2, b3, b4 = a[i], a[i + 1], a[i + 2], a[i + 3], a[i + 4]
      a[i], a[i + 1], a[i + 2] = b0 ~ ~b1 & b2, b1 ~ ~b2 & b3, b2 ~ ~b3 & b4
      a[i + 3], a[i + 4] = b3 ~ ~b4 & b0, b4 ~ ~b0 & b1
    end
    a[1] = a[1] ~ CONSTANTS[round]
  end
end

--- The digest of a message that lacks one byte to whole blocks. `first`: the first byte of the padding, which fills
-- the last block; the padding's last byte comes at the end of a block of its own.
function private.sponge(message, rate, first, size)
  local text = message .. char(first) .. rep("\0", rate - 1) .. char(128)
  local a = {}
  for i = 1, 25 do
    a[i] = 0
  end
  local format = "<" .. rep("i8", rate // 8)
  for at = 1, #text, rate do
    local words = getn(unpack(format, text, at))
    for i = 1, rate // 8 do
      a[i] = a[i] ~ words[i]
    end
    permute(a)
  end
  return sub(pack("<i8i8i8i8i8i8i8i8", spread(a, 1, 8)), 1, size)
end

return {}
