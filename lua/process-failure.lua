--- The text of the result of a message that failed: what was printed, then the error.

local _, host = ...

local concat, ipairs, rawget, tostring, type = table.concat, ipairs, rawget, tostring, type

local OWN = { red = "\27[31m", green = "\27[32m", gray = "\27[90m", reset = "\27[0m" }
local SEED = not host.since("2.0.1")

local failure = {}

--- The text of an error value of any kind.
function failure.text(err)
  local kind = type(err)
  if kind == "string" then
    return err
  elseif kind == "number" then
    return tostring(err)
  elseif kind == "table" and type(err.limit) == "string" and type(err.message) == "string" then
    return err.message
  end
  return "error object is a " .. kind .. " value"
end

-- A colour as the process has it, if it has it.
local function colour(name)
  local colours = Colors
  local code = type(colours) == "table" and rawget(colours, name)
  return type(code) == "string" and code or OWN[name]
end

--- The lines that are printed about an error in a handler.
function failure.lines(msg, text)
  local action = msg.Action
  local of = action and "with Action = " .. tostring(action) or ""
  local gray, reset = colour("gray"), colour("reset")
  return {
    colour("red") .. "Error" .. gray .. " handling message " .. of .. reset,
    colour("green") .. text .. reset,
    "\n" .. gray .. "stack traceback:\n\t[string \".process\"]:0: in function '.process.handle'" .. reset,
  }
end

--- The whole text. `logs` is what was printed so far.
function failure.report(msg, text, logs)
  local eval = msg.Action == "Eval"
  if SEED and eval then
    return text
  end
  local lines = {}
  if type(logs) == "table" then
    for i = 1, #logs do
      lines[i] = tostring(logs[i])
    end
  end
  if not eval then
    for _, line in ipairs(failure.lines(msg, text)) do
      lines[#lines + 1] = line
    end
  end
  return concat(lines, "\n") .. "\n\n" .. colour("red") .. "error:\n" .. colour("reset") .. text
end

return failure
