--- PBKDF2 (RFC 8018): a key out of a password, slowly.
local _, host = ...
local require = require
require(".crypto.mac.hmac")
local private = host.crypto
local Array = require(".crypto.util.array")
local Stream = require(".crypto.util.stream")
local HMAC = require(".crypto.mac.hmac").HMAC
local tonumber, type = tonumber, type
local ceil, floor, maxinteger = math.ceil, math.floor, math.maxinteger
local sub = string.sub
local chain = private.native("crypto.chain")
local fail = private.failure(".crypto.kdf.pbkdf2")

-- A call into Python does no more rounds than this, and the instructions below stand for each of them: so many are
-- what it costs in time, and a process that asks for 2^31 rounds runs into its limits.
local ROUNDS, INSTRUCTIONS = 64, 128

local function spend(rounds)
  for _ = 1, rounds * INSTRUCTIONS do -- luacheck: ignore 542
  end
end

-- The rounds after the first, in Python. `unit` is what the first gave.
local function fast(name, inner, outer, unit, rounds)
  local state = unit .. unit
  while rounds > 0 do
    local some = rounds < ROUNDS and rounds or ROUNDS
    spend(some)
    state = chain(name, inner, outer, state, some)
    rounds = rounds - some
  end
  return private.array(sub(state, #unit + 1))
end

--- A key derivation: set its parts, then finish.
local function PBKDF2()
  local object = {}
  local blockLen, dKeyLen, iterations = 16, 256, 4096
  local salt, password, PRF, dKey

  --- The length in bytes of what the PRF gives.
  function object.setBlockLen(length)
    blockLen = length
    return object
  end

  --- The length in bytes of the key.
  function object.setDKeyLen(length)
    dKeyLen = length
    return object
  end

  --- The count of iterations.
  function object.setIterations(count)
    iterations = count
    return object
  end

  --- The salt: an array of bytes.
  function object.setSalt(saltBytes)
    salt = saltBytes
    return object
  end

  --- The password: an array of bytes.
  function object.setPassword(passwordBytes)
    password = passwordBytes
    return object
  end

  --- The pseudo-random function: an HMAC object.
  function object.setPRF(prf)
    PRF = prf
    return object
  end

  local function block(i)
    local index = { i >> 24 & 255, i >> 16 & 255, i >> 8 & 255, i & 255 }
    local seed = Array.concat(salt, index)
    if type(PRF) ~= "table" then
      fail(149, "attempt to index a %s value (upvalue 'PRF')", type(PRF))
    end
    PRF.setKey(password)
    local count = tonumber(iterations)
    if not count or type(iterations) ~= "number" and type(iterations) ~= "string" then
      fail(151, "'for' limit must be a number")
    end
    if count ~= count or count < 1 then
      return {}
    end
    count = count < maxinteger and floor(count) or maxinteger
    local unit = PRF.init().update(Stream.fromArray(seed)).finish().asBytes()
    local name, inner, outer = private.pads(PRF)
    if name and inner and outer then
      return fast(name, inner, outer, private.text(unit), count - 1)
    end
    local total = unit
    for _ = 2, count do
      unit = PRF.init().update(Stream.fromArray(unit)).finish().asBytes()
      total = Array.XOR(total, unit)
    end
    return total
  end

  --- Derive the key.
  function object.finish()
    local length, width = tonumber(dKeyLen), tonumber(blockLen)
    if not length or type(dKeyLen) ~= "number" and type(dKeyLen) ~= "string" then
      fail(183, "attempt to perform arithmetic on a %s value (upvalue 'dKeyLen')", type(dKeyLen))
    elseif not width or type(blockLen) ~= "number" and type(blockLen) ~= "string" then
      fail(183, "attempt to perform arithmetic on a %s value (upvalue 'blockLen')", type(blockLen))
    end
    local key, n = {}, 0
    for i = 1, ceil(length / width) do
      local bytes = block(i)
      for k = 1, #bytes do
        n = n + 1
        key[n] = bytes[k]
      end
    end
    if type(dKeyLen) ~= "number" then
      fail(201, "attempt to compare string with number")
    end
    dKey = n > dKeyLen and Array.truncate(key, dKeyLen) or key
    return object
  end

  --- The key as an array of bytes.
  function object.asBytes()
    return dKey
  end

  --- The key in hexadecimal, upper case.
  function object.asHex()
    return Array.toHex(dKey)
  end

  --- The key as a string.
  function object.asString()
    return Array.toString(dKey)
  end

  return object
end

--- The key of `keyLen` bytes from arrays of bytes. `digest`: sha1 (when not given) or sha256.
local function pbkdf2(password, salt, iterations, keyLen, digest)
  local constructor = private.constructor(digest, fail, 277, "digest")
  local prf = HMAC().setBlockSize(64).setDigest(constructor)
  return PBKDF2()
    .setPRF(prf)
    .setBlockLen(digest == "sha256" and 32 or 20)
    .setPassword(password)
    .setSalt(salt)
    .setIterations(iterations)
    .setDKeyLen(keyLen)
    .finish()
end

return { PBKDF2 = PBKDF2, pbkdf2 = pbkdf2 }
