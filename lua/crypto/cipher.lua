--- `.crypto.cipher`: the contents of `.crypto.cipher.init`, in a table of its own, as on the network.
local pairs, require = pairs, require

local module = {}
for name, value in pairs(require(".crypto.cipher.init")) do
  module[name] = value
end

return module
