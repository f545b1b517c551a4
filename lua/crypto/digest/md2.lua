--- MD2 (RFC 1319) of a stream.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local ipairs = ipairs
local fail = private.failure(".crypto.digest.md2")

--- The digest of what is left of a stream.
return function(stream)
  local text, values = private.read(stream, fail, 141)
  if not text then
    -- Values count modulo 2^32, and those that are no bytes then are not in the algorithm's table.
    for i, value in ipairs(values) do
      local whole, message = private.integer(value)
      if not whole then
        fail(93, "bad argument #2 to 'XOR' (%s)", message)
      end
      values[i] = whole & 0xffffffff
    end
    text = private.text(values)
    if not text then
      fail(111, "bad argument #2 to 'XOR' (number expected, got nil)")
    end
  end
  return private.result(private.digest("md2", text))
end
