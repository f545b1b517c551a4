--- Backups: one database copied into another, some pages at a time.

local vm = ...

local setmetatable = setmetatable
local charge = vm.charge
local sqlite = vm.sqlite_parts
local OK = sqlite.constants.OK
local CALL, py, after = sqlite.CALL, sqlite.python, sqlite.after
local databases, backups, Backup, the = sqlite.databases, sqlite.backups, sqlite.Backup, sqlite.the
local ended = sqlite.ended
local check_string, check_integer, int32 = sqlite.arguments.string, sqlite.arguments.integer, sqlite.arguments.int32

local function backup(...)
  return the(backups, ":sqlite3:bu", "sqlite database backup", 1, ...)
end

local function backup_init(...)
  local target = the(databases, ":sqlite3", "sqlite database", 1, ...)
  local target_name = check_string(2, ...)
  local source = the(databases, ":sqlite3", "sqlite database", 3, ...)
  local source_name = check_string(4, ...)
  charge(CALL)
  local code, number = after(py.backup(target.handle, target_name, source.handle, source_name))
  if code ~= OK then
    ended(target, code, number)
    return
  end
  local object = setmetatable({}, Backup)
  backups[object] = { open = true, number = number }
  return object
end

function Backup.step(...)
  local b = backup(...)
  return (after(py.backup_step(b.number, int32(check_integer(2, ...)))))
end

function Backup.remaining(...)
  local _, remaining = after(py.backup_counts(backup(...).number))
  return remaining
end

function Backup.pagecount(...)
  local _, _, pages = after(py.backup_counts(backup(...).number))
  return pages
end

function Backup.finish(...)
  local b = backup(...)
  b.open = false
  return (after(py.backup_finish(b.number)))
end

sqlite.backup_init = backup_init
