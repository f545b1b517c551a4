--- SHA-1 and SHA-256 as objects: init, update, finish, and the state at any time.
-- Python hashes a whole message at once; only what it cannot give, the state between two blocks, is computed here.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local pack, rep, sub, unpack = string.pack, string.rep, string.sub, string.unpack
local byte, char = string.byte, string.char
local concat = table.concat
local spread = table.unpack

-- Or the three bytes of `spilled` into the last bytes of `text`.
local function merge(text, spilled)
  local n = #text
  local from = n > 3 and n - 3 or 0
  local last = {}
  for i = from + 1, n do
    last[#last + 1] = char(byte(text, i) | byte(spilled, i - n + 3))
  end
  return sub(text, 1, from) .. concat(last)
end

--- A constructor, and the function that hashes a stream at once and gives the finished object.
-- `spec`: algorithm (its native name), words (the format of its state) and their count, initial (the state),
-- compress(state, block) -> state, fail and line (of the complaints), at (the line of a wrong byte).
function private.hasher(spec)
  local compress, words, count = spec.compress, spec.words, spec.count
  local algorithm, digest = spec.algorithm, private.digest
  local start = pack(words, spread(spec.initial))

  -- `hash`, `total`: the state of an object that has finished a message.
  local function object_of(hash, total)
    local object = {}
    -- The state as a string, and what was taken in since. While it is nil, nothing is compressed yet.
    local state, pieces = hash, {}

    local function absorb(text)
      local whole = #text // 64 * 64
      local h = { unpack(words, state or start) }
      for i = 1, whole, 64 do
        h = compress(h, sub(text, i, i + 63))
      end
      state, pieces = pack(words, spread(h, 1, count)), { sub(text, whole + 1) }
    end

    local function settle()
      if not state and total < 64 then
        return start
      elseif #pieces > 1 or not state then
        absorb(concat(pieces))
      end
      return state
    end

    --- Begin anew.
    function object.init()
      state, pieces, total = nil, {}, 0
      return object
    end

    --- Take in what is left of a stream.
    function object.update(stream)
      local text, values = private.read(stream, spec.fail, spec.line)
      if not text then
        local spilled
        text, spilled = private.spill(values, total, true, spec.fail, spec.at)
        pieces = { merge(concat(pieces), spilled) }
      end
      pieces[#pieces + 1] = text
      total = total + #text
      if state then
        absorb(concat(pieces))
      end
      return object
    end

    --- End the message. The object can go on, with the padding as a part of what it has seen.
    function object.finish()
      local zeros = (55 - total) % 64
      if state then
        absorb(concat(pieces) .. char(128) .. rep("\0", zeros) .. pack(">I8", total * 8))
      else
        state = digest(algorithm, concat(pieces))
        pieces = {}
      end
      total = total + zeros + 9
      return object
    end

    --- The digest (or the state) as an array of bytes.
    function object.asBytes()
      return private.array(settle())
    end

    --- The digest in hexadecimal.
    function object.asHex()
      return private.hex(settle())
    end

    --- The digest as a string.
    function object.asString()
      return settle()
    end

    return object
  end

  local function construct()
    return object_of(nil, 0)
  end

  local function hash(stream)
    local text = private.take(stream)
    if text then
      return object_of(digest(algorithm, text), #text + (55 - #text) % 64 + 9)
    end
    return construct().update(stream).finish()
  end

  return construct, hash
end

return {}
