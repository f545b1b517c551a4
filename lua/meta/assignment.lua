---@meta

---Messages that were sent to another process and are given to this one: `require(".assignment")`.
---@class assignment
---@field _version string The version of this module.
local assignment = {}

---Gives `ao` its functions about assignments: `addAssignable`, `removeAssignable`, `isAssignable`, `isAssignment`.
---@param ao ao The `ao` module.
function assignment.init(ao) end

return assignment
