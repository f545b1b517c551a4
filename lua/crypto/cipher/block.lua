--- AES (FIPS 197) of one block, for each size of key: arrays of bytes in, an array out.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local type = type
local aes = private.native("crypto.aes")
local arrays = private.failure(".crypto.util.array")

--- The complaints about a key that is too short: the network's key schedule stumbles over the missing bytes.
function private.shortkey(fail, line, size, bytes)
  if bytes == size - 1 then
    fail(line + 4, "bad argument #2 to 'XOR' (number expected, got nil)")
  elseif bytes == size - 2 then
    fail(line + 2, "bad argument #2 to 'XOR' (number expected, got nil)")
  end
  fail(line, "bad argument #1 to 'XOR' (number expected, got nil)")
end

--- The block cipher for keys of `size` bytes. `line` is the network's, of its key schedule.
function private.aes(name, size, line)
  local fail = private.failure(name)
  local rounds = line == 461 and 2 or 0

  -- The bytes of the key as a string. More than are needed do no harm.
  local function keytext(key)
    if type(key) ~= "table" and type(key) ~= "string" then
      if size == 16 then
        fail(line, "attempt to index a %s value (local 'key')", type(key))
      end
      arrays(389, "bad argument #1 to 'for iterator' (table expected, got %s)", private.kind(key))
    end
    local text, wrong = private.text(key, 1, size)
    if not text then
      for i = 1, size do
        if key[i] == nil then
          private.shortkey(fail, line, size, i - 1)
        end
      end
      local _, message = private.integer(wrong)
      fail(line, "bad argument #1 to 'XOR' (%s)", message or "number expected, got nil")
    end
    return text
  end

  local function blocktext(block, way)
    if type(block) ~= "table" then
      arrays(329, "bad argument #1 to 'for iterator' (table expected, got %s)", private.kind(block))
    end
    if #block > 16 and not (size == 16 and way == "encrypt") then
      arrays(331, "bad argument #2 to 'XOR' (number expected, got nil)")
    end
    local text, wrong = private.text(block, 1, 16)
    if text then
      return text
    end
    local whole, message = private.integer(wrong)
    if wrong ~= nil and not whole then
      arrays(331, "bad argument #1 to 'XOR' (%s)", message)
    end
    local n = #block
    if way == "decrypt" or wrong == nil and n < 6 then
      fail(241 + rounds, "attempt to perform arithmetic on a nil value (local 'LA')")
    elseif wrong ~= nil then
      fail(367 + rounds, "bad argument #1 to 'XOR' (number expected, got nil)")
    end
    fail(279 + rounds, "bad argument #%d to 'XOR' (number expected, got nil)", n < 11 and 1 or 2)
  end

  local function cipher(way)
    return function(key, block)
      return private.array(aes(way, "ECB", keytext(key), blocktext(block, way)))
    end
  end

  return {
    blockSize = 16,
    --- Encrypts one block.
    encrypt = cipher("encrypt"),
    --- Decrypts one block.
    decrypt = cipher("decrypt"),
  }
end

return {}
