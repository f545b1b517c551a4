--- AES with keys of 192 bits, one block at a time.
local _, host = ...
local require = require
require(".crypto.cipher.block")

return host.crypto.aes(".crypto.cipher.aes192", 24, 461)
