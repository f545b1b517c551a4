--- CBC: each block is xored with the one before it.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode
local XOR = require(".crypto.util.array").XOR

local cbc = {}

--- Encrypts.
cbc.Cipher = mode({
  name = ".crypto.cipher.mode.cbc",
  line = 81,
  queue = 4,
  cipher = 2,
  encrypt = 14,
  finish = 42,
  way = "encrypt",
  iv = true,
  step = function(run, block, iv)
    local out = run(XOR(iv, block))
    return out, out
  end,
})

--- Decrypts.
cbc.Decipher = mode({
  name = ".crypto.cipher.mode.cbc",
  line = 245,
  queue = 4,
  cipher = 2,
  encrypt = 14,
  finish = 44,
  way = "decrypt",
  iv = true,
  step = function(run, block, iv)
    return XOR(run(block), iv), block
  end,
})

return cbc
