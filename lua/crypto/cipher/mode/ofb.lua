--- OFB: the block cipher makes a stream out of the IV.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode
local XOR = require(".crypto.util.array").XOR

-- Encrypting and decrypting are the same; `line` is where the network's own stands.
local function made(line)
  return mode({
    name = ".crypto.cipher.mode.ofb",
    line = line,
    queue = 4,
    cipher = 2,
    encrypt = 14,
    finish = 44,
    way = "encrypt",
    iv = true,
    step = function(run, block, iv)
      local stream = run(iv)
      return XOR(stream, block), stream
    end,
  })
end

return {
  --- Encrypts.
  Cipher = made(81),
  --- Decrypts.
  Decipher = made(245),
}
