--- `.crypto`: the contents of `.crypto.init`, in a table of its own, as on the network.
local pairs, require = pairs, require

local module = {}
for name, value in pairs(require(".crypto.init")) do
  module[name] = value
end

return module
