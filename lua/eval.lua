--- Evaluates the source that a message carries: the `_eval` handler.

local _, host = ...

local insert, pcall, tostring, type = table.insert, pcall, tostring, type

local stringify = require(".stringify")

local SEED = not host.since("2.0.1")

-- First as an expression, then as it is.
local function compile(expr, own)
  return host.load("return " .. expr, "aos", own) or nil
end

--- Makes the handler.
-- @param boot true for the process's own Data
return function(ao, boot)
  return function(msg)
    local expr = msg.Data
    local own = boot or msg.Id ~= nil and msg.Id == host.code
    local func, err = compile(expr, own), nil
    if not func then
      func, err = host.load(expr, "aos", own)
    end
    if not func then
      ao.outbox.Error = err
      return
    end
    local output, failure = func()
    if failure then
      ao.outbox.Error = failure
      return
    end
    local shown = output
    if type(output) == "table" then
      shown = stringify.format(output)
    end
    if SEED then
      -- As JSON too, where the process has a global `json` that can write it.
      local written = type(output) == "table" and pcall(function()
        return _G.json.encode(output)
      end)
      ao.outbox.Output = { data = { json = written and output or "undefined", output = shown, prompt = Prompt() } }
      return
    end
    if HANDLER_PRINT_LOGS and output then
      insert(HANDLER_PRINT_LOGS, tostring(shown))
    else
      ao.outbox.Output = { json = "undefined", data = { output = shown, prompt = Prompt() }, prompt = Prompt() }
    end
  end
end
