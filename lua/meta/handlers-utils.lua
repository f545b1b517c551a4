---@meta

---Ready-made patterns and handles: `Handlers.utils`, and `require(".handlers-utils")`.
---@class Handlers.utils
---@field _version string The version of this module.
local utils = {}

---A pattern: the tag has this value.
---@param name string The tag's name.
---@param value string Its value, exactly.
---@return fun(msg: ao.Message): boolean pattern The pattern.
function utils.hasMatchingTag(name, value) end

---A pattern: the tag has one of these values.
---@param name string The tag's name.
---@param values string[] The values, exactly.
---@return fun(msg: ao.Message): boolean|integer pattern The pattern.
function utils.hasMatchingTagOf(name, values) end

---A pattern: the message's Data is this text.
---@param value string The text, exactly.
---@return fun(msg: ao.Message): boolean pattern The pattern.
function utils.hasMatchingData(value) end

---A handle that replies.
---@param input string|ao.SendMessage A text, which is sent as Data, or the whole answer.
---@return Handlers.Handle handle The handle.
function utils.reply(input) end

---A pattern that matches where another does, and lets the walk go on to the next handlers.
---@param pattern Handlers.Pattern The other pattern.
---@return fun(msg: ao.Message): Handlers.Verdict pattern The pattern.
function utils.continue(pattern) end

return utils
