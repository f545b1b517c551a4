--- Tables as lines of `key: value`, one space deeper for every level.

local error, pairs, tostring, type = error, pairs, tostring, type
local concat, rep = table.concat, string.rep

local pretty = { _version = "0.0.1" }

local function write(items, indent, out, open)
  if type(items) == "table" then
    if open[items] then
      -- The network writes on until its memory is full.
      error("not enough memory", 0)
    end
    open[items] = true
  end
  for k, v in pairs(items) do
    local head = rep(" ", indent) .. k .. ": "
    local kind = type(v)
    if kind == "table" then
      out[#out + 1] = head .. "\n"
      write(v, indent + 1, out, open)
    elseif kind == "boolean" then
      out[#out + 1] = head .. tostring(v) .. "\n"
    else
      out[#out + 1] = head .. v .. "\n"
    end
  end
  open[items] = nil
end

--- The table's text.
-- @param indent spaces before the outermost keys
function pretty.tprint(items, indent)
  local out = {}
  write(items, indent or 0, out, {})
  return concat(out)
end

return pretty
