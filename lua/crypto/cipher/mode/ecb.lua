--- ECB: each block by itself. It has no IV: what stands first is a block as the others.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode

local ecb = {}

--- Encrypts.
ecb.Cipher = mode({
  name = ".crypto.cipher.mode.ecb",
  line = 77,
  queue = 4,
  cipher = 2,
  encrypt = 6,
  finish = 32,
  way = "encrypt",
  iv = false,
  step = function(run, block)
    return run(block)
  end,
})

--- Decrypts.
ecb.Decipher = mode({
  name = ".crypto.cipher.mode.ecb",
  line = 225,
  queue = 4,
  cipher = 2,
  encrypt = 6,
  finish = 32,
  way = "decrypt",
  iv = false,
  step = function(run, block)
    return run(block)
  end,
})

return ecb
