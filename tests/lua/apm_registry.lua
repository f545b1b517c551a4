-- A small package registry: the other side of `.apm`, for its tests. The messages are described in lua/apm.lua.
local json = require("json")

-- name → array of {version, source, description}, the newest last
Packages = Packages or {}

Handlers.add("publish", "Publish", function(msg)
  local versions = Packages[msg.Name] or {}
  Packages[msg.Name] = versions
  table.insert(versions, { version = msg.Version, source = msg.Data, description = msg.Description })
end)

Handlers.add("search", "APM.Search", function(msg)
  local found = {}
  for name, versions in pairs(Packages) do
    if name:find(msg.Data, 1, true) then
      local newest = versions[#versions]
      table.insert(found, { name = name, version = newest.version, description = newest.description })
    end
  end
  msg.reply({ Action = "APM.SearchResponse", Data = json.encode(found) })
end)

Handlers.add("download", "APM.Download", function(msg)
  local wanted = json.decode(msg.Data)
  local versions = Packages[wanted.name] or {}
  for i = #versions, 1, -1 do
    local each = versions[i]
    if not wanted.version or each.version == wanted.version then
      local answer = { name = wanted.name, version = each.version, source = each.source }
      return msg.reply({ Action = "APM.DownloadResponse", Data = json.encode(answer) })
    end
  end
  msg.reply({ Action = "APM.Error", Data = "there is no such package" })
end)
