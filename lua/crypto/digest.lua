--- `.crypto.digest`: the contents of `.crypto.digest.init`, in a table of its own, as on the network.
local pairs, require = pairs, require

local module = {}
for name, value in pairs(require(".crypto.digest.init")) do
  module[name] = value
end

return module
