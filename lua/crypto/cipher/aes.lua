--- AES of whole messages: five modes, three sizes of key, zero padding.
local _, host = ...
local require = require
require(".crypto.cipher.block")
local private = host.crypto
local rep, sub, upper = string.rep, string.sub, string.upper
local type = type
local native = private.native("crypto.aes")
local arrays = private.failure(".crypto.util.array")

local MODES = { CBC = "CBC", ECB = "ECB", CFB = "CFB", OFB = "OFB", CTR = "CTR" }
local KEYS = {
  [128] = { size = 16, line = 457, fail = private.failure(".crypto.cipher.aes128") },
  [192] = { size = 24, line = 461, fail = private.failure(".crypto.cipher.aes192") },
  [256] = { size = 32, line = 459, fail = private.failure(".crypto.cipher.aes256") },
}
local NO_IV = rep("\0", 16)

local function text(value)
  if type(value) == "table" then
    arrays(33, "attempt to call a nil value (field 'byte')")
  elseif type(value) ~= "string" then
    arrays(33, "attempt to index a %s value (local 'string')", type(value))
  end
  return value
end

-- What comes out can be taken once.
local function result(out)
  local function take()
    local taken = out
    out = ""
    return taken
  end
  return {
    asBytes = function()
      return private.array(take())
    end,
    asHex = function()
      return upper(private.hex(take()))
    end,
    asString = take,
  }
end

-- The IV is the first block of the input (in ECB too, where it is a block as the others), so one that is too short
-- takes its other bytes from the data, and one that is too long gives some to it.
local function crypt(way, data, key, iv, mode, bits)
  mode = mode ~= nil and MODES[mode] or "CBC"
  local kind = bits ~= nil and KEYS[bits] or KEYS[128]
  local input = text(iv) .. data
  local length = (#input + 15) // 16 * 16
  if length == 0 or length == 16 and mode ~= "ECB" then
    return result("")
  end
  if #key < kind.size then
    private.shortkey(kind.fail, kind.line, kind.size, #key)
  end
  return result(native(way, mode, sub(key, 1, kind.size), input .. rep("\0", length - #input)))
end

local aes = {}

--- Encrypt a string. `mode`: CBC (when not given), ECB, CFB, OFB, CTR; `bits`: 128 (when not given), 192, 256.
-- The answer's asBytes, asHex (upper case) and asString empty it.
function aes.encrypt(data, key, iv, mode, bits)
  return crypt("encrypt", text(data), text(key), iv == nil and NO_IV or iv, mode, bits)
end

--- Decrypt what `encrypt` gave, as hexadecimal text.
function aes.decrypt(cipher, key, iv, mode, bits)
  text(key)
  cipher = private.hextext(cipher, arrays, 195)
  local data
  if private.plainhex(cipher) then
    data = private.unhex(cipher)
  else
    -- As the network's queues do: what stands behind two signs that are no digits is lost.
    data = private.take(private.over(private.pairs(cipher)))
  end
  return crypt("decrypt", data, key, iv == nil and NO_IV or iv, mode, bits)
end

return aes
