---@meta

---Makes the handle of the `_eval` handler: `require(".eval")`. `.process` uses it.
---@param ao ao The `ao` module.
---@param boot? boolean Whether the source is the process's own Data, so that errors name the developer's file.
---@return Handlers.Handle handle Evaluates the source that a message carries as Data.
local function eval(ao, boot) end

return eval
