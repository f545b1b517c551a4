--- AES with keys of 128 bits, one block at a time.
local _, host = ...
local require = require
require(".crypto.cipher.block")

return host.crypto.aes(".crypto.cipher.aes128", 16, 457)
