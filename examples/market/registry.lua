-- A registry of shops. Whoever registers gets a shop of his own: a process, which the registry spawns.
--
-- The process's tags say what its shops work with: `Token`, `Oracle`, and `Shop-Code`, the id under which their code
-- is stored.

local json = require("json")

local tags = ao.env.Process.Tags
--- Of each shop: Seller, Name, and its Process, once the network has made it.
Shops = Shops or {}
--- Places in `Shops`, by seller.
Places = Places or {}

Handlers.add("register", "Register", function(msg)
  local seller = msg.From
  if Places[seller] then
    msg.reply({ Action = "Register-Error", Error = "you have a shop", Shop = Shops[Places[seller]].Process })
    return
  end
  local shop = { Seller = seller, Name = msg.Tags.Name or "a shop" }
  table.insert(Shops, shop)
  Places[seller] = #Shops

  local spawned = ao.spawn(ao.env.Module.Id, {
    Tags = {
      Name = shop.Name,
      Seller = seller,
      Token = tags.Token,
      Oracle = tags.Oracle,
      -- It trusts whom the registry trusts; without that it would take no message from another process.
      Authority = table.concat(ao.authorities, ","),
      ["On-Boot"] = tags["Shop-Code"],
    },
  })
  -- The answer to a spawn is a message with Action=Spawned from this very process.
  shop.Process = spawned.receive().Tags.Process
  msg.reply({ Action = "Registered", Shop = shop.Process })
end)

Handlers.add("shops", "Shops", function(msg)
  local open = {}
  for _, shop in ipairs(Shops) do
    if shop.Process then
      table.insert(open, shop)
    end
  end
  msg.reply({ Action = "Shops", Data = json.encode(open) })
end)
