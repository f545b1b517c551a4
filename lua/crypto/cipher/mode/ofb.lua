--- OFB: the block cipher makes a stream out of the IV.
local _, host = ...
local require = require
require(".crypto.cipher.mode.machine")
local mode = host.crypto.mode
local XOR = require(".crypto.util.array").XOR

local ofb = {}

--- Encrypts.
ofb.Cipher = mode({
  name = ".crypto.cipher.mode.ofb",
  line = 81,
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

--- Decrypts.
ofb.Decipher = mode({
  name = ".crypto.cipher.mode.ofb",
  line = 245,
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

return ofb
