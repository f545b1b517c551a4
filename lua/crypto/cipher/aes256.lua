--- AES with keys of 256 bits, one block at a time.
local _, host = ...
local require = require
require(".crypto.cipher.block")

return host.crypto.aes(".crypto.cipher.aes256", 32, 459)
