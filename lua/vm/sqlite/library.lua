--- The functions of the module itself.

local vm = ...

local select = select
local charge = vm.charge
local sqlite = vm.sqlite_parts
local CALL, BYTES, py, after = sqlite.CALL, sqlite.BYTES, sqlite.python, sqlite.after
local new_database, backup_init = sqlite.new_database, sqlite.backup_init
local arguments = sqlite.arguments
local wrong, check_string, check_integer = arguments.wrong, arguments.string, arguments.integer
local blank, int32 = arguments.blank, arguments.int32

local READ_WRITE = 6
local directory

local library = {}

function library.open(...)
  local name = check_string(1, ...)
  local flags = blank(2, ...) and READ_WRITE or int32(check_integer(2, ...))
  return new_database(name, flags)
end

function library.open_memory()
  return new_database(":memory:", READ_WRITE)
end

--- There are no pointers.
function library.open_ptr(...)
  wrong(1, "userdata", ...)
end

library.backup_init = backup_init

function library.complete(...)
  local sql = check_string(1, ...)
  charge(CALL + #sql // BYTES)
  return (after(py.complete(sql)))
end

function library.version()
  return "3.45.3"
end

function library.lversion()
  return "unknown"
end

function library.temp_directory(...)
  local before = directory
  if select("#", ...) > 0 then
    directory = not blank(1, ...) and check_string(1, ...) or nil
  end
  return before
end

function library.__newindex()
  vm.pass("attempt to change readonly table")
end

sqlite.library = library

--- The directory for temporary files that was named last, if any; or the one from now on.
function sqlite.directory(...)
  if select("#", ...) > 0 then
    directory = (...)
  end
  return directory
end
