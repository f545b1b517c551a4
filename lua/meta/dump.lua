---@meta

---What `dump` asks about every key and value: gives what to write in its place (nil: nothing), and true when that is to be
---written as it is. `key` is the value's key.
---@alias dump.Filter fun(value: any, depth: integer, kind: string, role: "key"|"val", key: any, udata: any): any, boolean?

---Any value as Lua source text, the keys of tables sorted: `require(".dump")`, and the global `Dump`.
---@param value any The value.
---@param indent? integer Spaces for every level; 4 when left out.
---@param padding? integer Spaces before every line but the first; none when left out.
---@param filter? dump.Filter What is asked about every key and value.
---@param udata? any Handed to the filter.
---@return string text The text.
local function dump(value, indent, padding, filter, udata) end

return dump
