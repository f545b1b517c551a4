--- BLAKE2b (RFC 7693) of a string.
local _, host = ...
local require = require
require(".crypto.digest.blake2b_blocks")
local private = host.crypto
local type = type
local gsub = string.gsub
local tointeger = math.tointeger
local blake2b = private.native("crypto.blake2b")
local hash = private.blake2b
local fail = private.failure(".crypto.digest.blake2b")

--- The digest of `length` bytes (64 when not given), under a key if there is one.
-- Answers nil and a message where the length or the key's is not possible.
return function(data, length, key)
  if length == nil or length == false then
    length = 64
  end
  if key == nil or key == false then
    key = ""
  end
  private.sizeable(key, fail, 173, "key")
  if type(length) ~= "number" then
    fail(175, "attempt to compare %s with number", type(length))
  end
  if length < 1 or length > 64 or #key > 64 then
    return nil, "illegal parameters"
  end
  local whole = tointeger(length)
  if not whole then
    fail(189, "number (local 'outlen') has no integer representation")
  end
  if type(data) == "table" or type(key) == "table" and #key > 0 then
    fail(257, "attempt to call a nil value (method 'sub')")
  end
  private.sizeable(data, fail, 253, "data")
  if type(key) == "table" then
    key = ""
  end
  -- The network's code takes a message whose last block is full for one that goes on: it adds an empty block.
  local full = #data % 128 == 0 and (#data > 0 or #key > 0)
  local bytes = full and hash(data, whole, key) or blake2b(data, whole, key)
  local result = private.result(bytes)
  function result.asBytes()
    local characters = {}
    gsub(bytes, ".", function(c)
      characters[#characters + 1] = c
    end)
    return characters
  end
  return result
end
