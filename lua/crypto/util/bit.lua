--- Bits of 32-bit words: the global `bit32` itself.
-- luacheck: read globals bit32
return bit32
