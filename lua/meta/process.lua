---@meta

---What happens to one message: `require(".process")`.
---@class process
---@field _version string The version of this module.
local process = {}

---Evaluates a message. The runtime calls it; a process that replaces it changes what every later message does.
---@param msg table The message, its tags as an array.
---@param env ao.Environment Its environment, its tags as an array.
---@return ao.Result result The result.
function process.handle(msg, env) end

return process
