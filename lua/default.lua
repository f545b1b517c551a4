--- What no handler stops: it is kept in the Inbox, and a line says that it came.

local error, format, sub, type = error, string.format, string.sub, type

local json = require("json")

local SHOWN = 20

-- Strings only: the network fails on anything else, and so does this.
local function text(value, what)
  if type(value) == "string" then
    return value
  elseif type(value) == "table" then
    error("attempt to call a nil value (method 'sub')")
  end
  error(format("attempt to index a %s value (%s)", type(value), what))
end

--- Makes the handler, given what keeps a message.
return function(insertInbox)
  return function(msg)
    insertInbox(msg)
    local from = "unknown"
    if msg.From then
      local id = text(msg.From, "field 'From'")
      from = sub(id, 1, 3) .. "..." .. sub(id, -3)
    end
    local name, value
    if msg.Action then
      name, value = "Action", text(msg.Action, "field 'Action'")
    else
      local data = msg.Data or ""
      if type(data) == "table" then
        data = json.encode(data)
      end
      name, value = "Data", text(data, "local 'data'")
    end
    local gray, green, blue, reset = Colors.gray, Colors.green, Colors.blue, Colors.reset
    print(
      gray
        .. "New Message From "
        .. green
        .. from
        .. gray
        .. ": "
        .. gray
        .. name
        .. " = "
        .. blue
        .. sub(value, 1, SHOWN)
        .. reset
    )
  end
end
