--- What a name may be, and how long it is somebody's.
local names = {}

--- Milliseconds.
names.YEAR = 365 * 24 * 60 * 60 * 1000

--- A name as it is kept. Raises an error for what is none.
function names.read(text)
  assert(type(text) == "string", "Name is required")
  local name = text:lower()
  -- Letters that look like others are no letters here: nobody shall have `pаypal` with a Cyrillic а.
  assert(#name <= 40 and name:match("^[a-z][a-z0-9-]*$"), "a name is of letters a to z, digits and -")
  return name
end

--- A moment as a day.
function names.date(milliseconds)
  return os.date("!%Y-%m-%d", milliseconds // 1000)
end

return names
