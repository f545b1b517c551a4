---@meta

---Tables as coloured text, as `print` and Eval show them: `require(".stringify")`.
---@class stringify
---@field _version string The version of this module.
local stringify = {}

---The text of a table.
---@param items table The table.
---@param indent? integer Spaces before the closing brace; none when left out.
---@param visited? table<table, boolean> Tables that count as seen.
---@return string text The text.
function stringify.format(items, indent, visited) end

---Whether a table is an array of numbers and strings only. It is written on one line then.
---@param items table The table.
---@return boolean simple Whether it is.
function stringify.isSimpleArray(items) end

return stringify
