---@meta

---Makes the handle of the `_boot` handler: `require(".boot")`. `.process` uses it.
---@param ao ao The `ao` module.
---@return Handlers.Handle handle Keeps the process's own message in the Inbox, and runs the code that `On-Boot` names.
local function boot(ao) end

return boot
