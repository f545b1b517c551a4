---@meta

---Tables as lines of `key: value`: `require(".pretty")`.
---@class pretty
---@field _version string The version of this module.
local pretty = {}

---The text of a table, one space deeper for every level.
---@param items table The table.
---@param indent? integer Spaces before the outermost keys; none when left out.
---@return string text The text.
function pretty.tprint(items, indent) end

return pretty
