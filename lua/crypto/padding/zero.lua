--- Padding with zeros: a stream of them, to the end of the block and two more (which no block takes).
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local rep = string.rep
local type = type
local fail = private.failure(".crypto.padding.zero")

return function(blockSize, byteCount)
  if type(blockSize) ~= "number" then
    fail(5, "attempt to perform arithmetic on a %s value (local 'blockSize')", type(blockSize))
  elseif type(byteCount) ~= "number" then
    fail(5, "attempt to perform arithmetic on a %s value (local 'byteCount')", type(byteCount))
  end
  return private.stream(rep("\0", blockSize - (byteCount - 1) % blockSize + 1), true)
end
