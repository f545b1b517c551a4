--- CTR: the block cipher encrypts a counter. Only its second half counts, and wraps.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode
local array = require(".crypto.util.array")
local XOR, copy = array.XOR, array.copy

local function counting(line, at)
  return mode({
    name = ".crypto.cipher.mode.ctr",
    line = line,
    queue = 4,
    cipher = 4,
    encrypt = 14,
    finish = 48,
    way = "encrypt",
    iv = true,
    step = function(run, block, iv)
      return XOR(run(iv), block), iv
    end,
    after = function(iv, fail)
      local counter = copy(iv)
      for i = 16, 9, -1 do
        if counter[i] == nil then
          fail(at, "attempt to perform arithmetic on a nil value (field '?')")
        end
        counter[i] = (counter[i] + 1) % 256
        if counter[i] ~= 0 then
          break
        end
      end
      return counter
    end,
  })
end

return {
  --- Encrypts.
  Cipher = counting(161, 89),
  --- Decrypts, which is the same.
  Decipher = counting(403, 331),
}
