--- SHA-3 (FIPS 202), and Keccak with the padding that it had before it became SHA-3, of a string.
local _, host = ...
local require = require
require(".crypto.digest.sha3_blocks")
local private = host.crypto
local type = type
local fail = private.failure(".crypto.digest.sha3")

-- `first`: the first byte of the padding; `size`: of the digest; `line`: the network's, of a complaint.
local function sponge(algorithm, first, size, line)
  local rate = 200 - 2 * size

  return function(buffer)
    if type(buffer) == "table" then
      fail(line, "attempt to concatenate a table value (local 'buffer')")
    end
    private.sizeable(buffer, fail, 269, "buffer")
    -- Where the padding is one byte, the network's code makes two of it.
    local result = private.result(
      #buffer % rate == rate - 1 and private.sponge(buffer, rate, first, size) or private.digest(algorithm, buffer)
    )
    result.asBytes = nil
    return result
  end
end

return {
  sha3_256 = sponge("sha3_256", 6, 32, 287),
  sha3_512 = sponge("sha3_512", 6, 64, 287),
  keccak256 = sponge("keccak256", 1, 32, 279),
  keccak512 = sponge("keccak512", 1, 64, 279),
}
