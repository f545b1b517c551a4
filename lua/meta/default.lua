---@meta

---Makes the handle of the `_default` handler: `require(".default")`. `.process` uses it.
---@param insertInbox fun(msg: ao.Message) Keeps a message.
---@return Handlers.Handle handle Keeps the message and prints a line about it.
local function default(insertInbox) end

return default
