--- CFB, with whole blocks fed back.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode
local XOR = require(".crypto.util.array").XOR

local cfb = {}

--- Encrypts.
cfb.Cipher = mode({
  name = ".crypto.cipher.mode.cfb",
  line = 81,
  queue = 4,
  cipher = 2,
  encrypt = 14,
  finish = 44,
  way = "encrypt",
  iv = true,
  step = function(run, block, iv)
    local out = XOR(run(iv), block)
    return out, out
  end,
})

--- Decrypts.
cfb.Decipher = mode({
  name = ".crypto.cipher.mode.cfb",
  line = 245,
  queue = 4,
  cipher = 2,
  encrypt = 14,
  finish = 44,
  way = "encrypt",
  iv = true,
  step = function(run, block, iv)
    return XOR(run(iv), block), block
  end,
})

return cfb
