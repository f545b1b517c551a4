--- Messages that were sent to another process and are given to this one: which of them it takes.

local _, host = ...

local error, ipairs, type = error, ipairs, type
local insert, remove = table.insert, table.remove
local utils = require(".utils")
-- The oldest dialect has one function for specs and patterns.
local MATCHES = host.since("2.0.1") and "matchesSpec" or "matchesPattern"

local assignment = { _version = "0.1.0" }

local function position(list, name)
  for index, item in ipairs(list) do
    if item.name == name then
      return index
    end
  end
  return nil
end

--- Gives `ao` its functions about assignments.
function assignment.init(ao)
  ao.assignables = ao.assignables or {}

  --- `addAssignable(name, pattern)` or `addAssignable(pattern)`: a name that exists is updated in place.
  function ao.addAssignable(...)
    local name, pattern
    if select("#", ...) == 1 then
      pattern = ...
    else
      name, pattern = ...
      if type(name) ~= "string" then
        error("MatchSpec name MUST be a string")
      end
    end
    local index = name and position(ao.assignables, name)
    if index then
      ao.assignables[index].pattern = pattern
    else
      insert(ao.assignables, { name = name, pattern = pattern })
    end
  end

  --- Takes a name or an index; what is not there is left alone.
  function ao.removeAssignable(what)
    local index = what
    if type(what) == "string" then
      index = position(ao.assignables, what)
    elseif type(what) ~= "number" then
      error("index MUST be a number")
    end
    if index and ao.assignables[index] ~= nil then
      remove(ao.assignables, index)
    end
  end

  --- Whether some assignable's pattern matches.
  function ao.isAssignable(msg)
    for _, assignable in ipairs(ao.assignables) do
      if utils[MATCHES](msg, assignable.pattern) then
        return true
      end
    end
    return false
  end

  --- Whether the message was meant for another process.
  function ao.isAssignment(msg)
    return msg.Target ~= ao.id
  end
end

return assignment
