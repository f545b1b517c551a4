--- How the last call on a database has ended.

local vm = ...

local sqlite = vm.sqlite_parts
local constants = sqlite.constants

local MESSAGES = {
  [constants.OK] = "not an error",
  [constants.MISUSE] = "bad parameter or other API misuse",
  [constants.RANGE] = "column index out of range",
  [constants.ROW] = "another row available",
  [constants.DONE] = "no more rows available",
}

--- Remembers how the last call on a database has ended.
local function ended(d, code, message)
  d.code, d.message = code, message
  return code
end

local function message(d)
  return d.message or MESSAGES[d.code] or "unknown error"
end

sqlite.ended, sqlite.message = ended, message
