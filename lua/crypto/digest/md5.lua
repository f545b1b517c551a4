--- MD5 (RFC 1321) of a stream.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local byte = string.byte
local fail = private.failure(".crypto.digest.md5")

--- The digest of what is left of a stream.
return function(stream)
  local text, values = private.read(stream, fail, 231)
  if not text then
    local spilled
    text, spilled = private.spill(values, 0, false, fail, 75)
    if byte(spilled, 1) | byte(spilled, 2) | byte(spilled, 3) ~= 0 then
      -- The network lets it run into the padding: a digest of nothing that could be written down.
      fail(75, "a value beyond a byte in the stream's last word")
    end
  end
  return private.result(private.digest("md5", text))
end
