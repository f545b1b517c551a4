---@meta

---JSON: `require("json")`.
---@class json
---@field _version string The version of this module.
local json = {}

---The value as JSON text, without blanks, keys sorted. An empty table is `[]`; functions in objects are left out. Circular
---references, mixed keys, arrays with holes, NaN and infinities are errors.
---@param value any The value.
---@return string text The text.
function json.encode(value) end

---The value of a JSON text; `null` is nil. What is no JSON is an error that says the line and the column.
---@param text string The text.
---@return any value The value.
function json.decode(text) end

return json
