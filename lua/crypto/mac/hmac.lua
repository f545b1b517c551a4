--- HMAC (RFC 2104) over any digest that can be had as an object.
-- luacheck: read globals bit32
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local Array = require(".crypto.util.array")
local Stream = require(".crypto.util.stream")
local SHA1 = require(".crypto.digest.sha1").SHA1
local SHA2_256 = require(".crypto.digest.sha2_256").SHA2_256
local setmetatable, type = setmetatable, type
local bxor = bit32.bxor
local fail = private.failure(".crypto.mac.hmac")

local DIGESTS = { sha1 = SHA1, sha256 = SHA2_256 }
local NAMES = { [SHA1] = "sha1", [SHA2_256] = "sha256" }

-- Objects of ours -> a function that gives what PBKDF2 needs to go on in Python.
local ours = setmetatable({}, { __mode = "k" })

local function indexed(value, line)
  if type(value) ~= "table" then
    fail(line, "attempt to index a %s value (upvalue 'digest')", type(value))
  end
  return value
end

--- An HMAC: set the block size, the digest (its constructor) and the key, then init, update, finish.
local function HMAC()
  local object = {}
  local blockSize, Digest, digest, inner, outer = 64, nil, nil, {}, {}

  --- The block size of the digest, in bytes.
  function object.setBlockSize(bytes)
    blockSize = bytes
    return object
  end

  --- The digest: a function that gives an object with init, update, finish, asBytes, asHex and asString.
  function object.setDigest(constructor)
    if constructor == nil then
      fail(49, "attempt to call a nil value (upvalue 'Digest')")
    end
    Digest = constructor
    digest = Digest()
    return object
  end

  --- The key: an array of bytes.
  function object.setKey(key)
    if Digest == nil then
      fail(63, "Digest not set")
    end
    local size = Array.size(key)
    if type(blockSize) ~= "number" then
      fail(67, "attempt to compare %s with number", type(blockSize))
    end
    if size > blockSize then
      key = Digest().update(Stream.fromArray(key)).finish().asBytes()
    end
    inner, outer = {}, {}
    for i = 1, blockSize do
      local byte, message = 0, nil
      if key[i] ~= nil then
        byte, message = private.integer(key[i])
      end
      if not byte then
        fail(97, "bad argument #2 to 'XOR' (%s)", message)
      end
      inner[i], outer[i] = bxor(0x36, byte), bxor(0x5c, byte)
    end
    return object
  end

  --- Begin a message.
  function object.init()
    indexed(digest, 113).init().update(Stream.fromArray(inner))
    return object
  end

  --- Take in what is left of a stream.
  function object.update(messageStream)
    indexed(digest, 125).update(messageStream)
    return object
  end

  --- End the message.
  function object.finish()
    indexed(digest, 135).finish()
    local hash = digest.asBytes()
    digest.init().update(Stream.fromArray(outer)).update(Stream.fromArray(hash)).finish()
    return object
  end

  --- The code as an array of bytes.
  function object.asBytes()
    return indexed(digest, 155).asBytes()
  end

  --- The code in hexadecimal.
  function object.asHex()
    return indexed(digest, 163).asHex()
  end

  --- The code as a string.
  function object.asString()
    return indexed(digest, 171).asString()
  end

  local setKey, init, update, finish, asBytes = object.setKey, object.init, object.update, object.finish, object.asBytes
  ours[object] = function()
    local untouched = object.setKey == setKey
      and object.init == init
      and object.update == update
      and object.finish == finish
      and object.asBytes == asBytes
    if untouched and blockSize == 64 and NAMES[Digest] then
      return NAMES[Digest], private.text(inner), private.text(outer)
    end
    return nil
  end
  return object
end

--- For PBKDF2: the native name of the digest and the two pads of an HMAC object, if it is ours and as we made it.
function private.pads(object)
  local pads = object ~= nil and ours[object]
  if pads then
    return pads()
  end
  return nil
end

--- The digest's constructor for a name that a process gave.
function private.constructor(name, failure, line, variable)
  if name == nil then
    return SHA1
  end
  local constructor = DIGESTS[name]
  if not constructor then
    if type(name) ~= "string" and type(name) ~= "number" then
      failure(line, "attempt to concatenate a %s value (local '%s')", type(name), variable)
    end
    failure(line, "Unsupported algorithm: %s", name)
  end
  return constructor
end

--- The HMAC of a stream under a key (an array of bytes), finished. `algorithm`: sha1 (when not given) or sha256.
-- As on the network, its block size is 32, so it is not the standard's; `HMAC` with 64 is.
local function hmac(data, key, algorithm)
  local constructor = private.constructor(algorithm, fail, 217, "algorithm")
  return HMAC().setBlockSize(32).setDigest(constructor).setKey(key).init().update(data).finish()
end

return { HMAC = HMAC, hmac = hmac }
