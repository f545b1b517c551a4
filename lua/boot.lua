--- The process's own message: it opens the Inbox, and may bring the process's code.

local _, host = ...

local insert = table.insert

--- Makes the `_boot` handler.
return function(ao)
  local eval = require(".eval")(ao, true)
  return function(msg)
    if #Inbox == 0 then
      insert(Inbox, msg)
    end
    local source = msg.Tags["On-Boot"]
    if source == nil then
      return
    elseif source == "Data" then
      eval(msg)
    else
      -- The id of a transaction, whose data the host keeps.
      eval({ Data = host.file(source) })
    end
  end
end
