--- SHA-512 (FIPS 180-4) of a string.
local _, host = ...
local require = require
require(".crypto.digest.sha2_512_blocks")
local private = host.crypto
local type = type
local getn, unpack = table.pack, string.unpack
local fail = private.failure(".crypto.digest.sha2_512")

--- The digest of a string. Its `asBytes` gives eight 64-bit words.
return function(msg)
  if type(msg) == "table" then
    fail(57, "attempt to concatenate a table value (local 'msg')")
  end
  private.sizeable(msg, fail, 79, "msg")
  -- The network's code pads these otherwise than the standard.
  local rest = #msg % 128
  local bytes = rest >= 112 and rest <= 118 and private.sha512(msg) or private.digest("sha512", msg)
  local result = private.result(bytes)
  function result.asBytes()
    local words = getn(unpack(">i8i8i8i8i8i8i8i8", bytes))
    words[9], words.n = nil, nil
    return words
  end
  return result
end
