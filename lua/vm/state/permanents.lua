--- What is in every VM, and is not written down but named: our functions, Lua's, and the tables that both sides hold.

local vm = ...

local type, next, ipairs = type, next, ipairs
local find, match, sub = string.find, string.match, string.sub
local host = vm.host

local permanents = {
  --- Thing → name, for what a process may hold.
  public = {},
  --- Thing → name, for what only functions of our own modules hold, in their upvalues.
  private = {},
  --- Name → table: those public ones whose content is a part of the state.
  tables = {},
}
local public, private, tables = permanents.public, permanents.private, permanents.tables

for f, name in next, vm.public do
  public[f] = name
end
public[(ipairs({}))] = "ipairs.next"
public[vm.next_code] = "utf8.codes.next"

for name, t in
  next,
  {
    _G = vm.globals,
    package = vm.package,
    loaded = vm.loaded,
    preload = vm.preload,
    strings = debug.getmetatable(""),
    registry = vm.registry,
    File = vm.File,
    methods = vm.File.__index,
    stdin = vm.standard[1],
    stdout = vm.standard[2],
    stderr = vm.standard[3],
  }
do
  tables[name] = t
  public[t] = "table:" .. name
end

private[host] = "host"
private[host.raw] = "raw"
for name, f in next, host.raw do
  if not public[f] then
    private[f] = "raw." .. name
  end
end
for _, name in ipairs({ "load", "file", "kernel", "native", "sqlite" }) do
  private[host[name]] = "host." .. name
end

--- Natives come to be as they are asked for; our modules ask for these.
local NATIVE, CRYPTO = "native:", "crypto."

--- The name of what only our own modules may hold; nil for everything else.
function permanents.private_name(thing)
  local name = private[thing]
  if not name and type(thing) == "function" then
    for native, f in next, vm.natives do
      if f == thing then
        name = NATIVE .. native
        private[thing] = name
      end
    end
  end
  return name
end

local by_name

--- Adds what `lsqlite3` has brought, and loads that first where it is not there.
function permanents.with_sqlite()
  host.sqlite()
  if vm.sqlite_state then
    return
  end
  vm.part("sqlite/state")
  for name, t in next, vm.sqlite_parts.tables do
    tables["sqlite." .. name] = t
    public[t] = "table:sqlite." .. name
    for field, f in next, t do
      if type(f) == "function" then
        local its_name = "sqlite:" .. name .. "." .. field
        if not public[f] or its_name < public[f] then
          public[f] = its_name
        end
      end
    end
  end
  by_name = nil
end

--- What has this name: the thing, and whether it is private; nil for an unknown name.
function permanents.find(name)
  if not by_name then
    by_name = {}
    for thing, its_name in next, private do
      by_name[its_name] = { thing, true }
    end
    for thing, its_name in next, public do
      by_name[its_name] = { thing, false }
    end
  end
  local found = by_name[name]
  if not found and not vm.sqlite_state and find(name, "sqlite", 1, true) then
    permanents.with_sqlite()
    return permanents.find(name)
  end
  if found then
    return found[1], found[2]
  end
  local native = sub(name, #NATIVE + 1)
  if sub(name, 1, #NATIVE) == NATIVE and sub(native, 1, #CRYPTO) == CRYPTO then
    return host.native(native), true
  end
  return nil
end

-- A private thing that was kept goes nowhere but where our modules have it: its name → module → upvalue.
local HOLDERS = {
  ["host"] = { boot = "host", eval = "host", handlers = "host", process = "host" },
  ["host.kernel"] = { bint = "host_kernel" },
  ["host.native"] = { ["crypto.private"] = "native" },
  ["native"] = { ["crypto.private"] = "f" },
  ["raw.concat"] = { json = "concat" },
  ["raw.find"] = { bint = "find", json = "find" },
  ["raw.format"] = { ao = "format", bint = "format", json = "string_format" },
  ["raw.gsub"] = { json = "gsub" },
  ["raw.match"] = { json = "match" },
  ["raw.next"] = { ao = "next", json = "next", utils = "next" },
  ["raw.running"] = { handlers = "running", process = "running" },
  ["raw.setmetatable"] = { ao = "setmetatable", bint = "mark" },
  ["raw.sort"] = { ao = "sort", json = "sort" },
}

--- Whether the upvalue of a function in one of our modules may hold the private thing `name`.
function permanents.may_hold(module, upvalue, name)
  local holders = HOLDERS[match(name, "^native:") and "native" or name]
  return holders ~= nil and holders[match(module, "^[^#]*")] == upvalue
end

-- Upvalues of functions in our modules on which it depends what the private things there are used for: module →
-- upvalue → name of what it holds.
local FIXED = {
  ao = { bare_get = "rawget" },
  bint = { rawget = "rawget" },
}

--- The name of the thing that this upvalue of a function in one of our modules always holds, if it does.
function permanents.fixed(module, upvalue)
  local names = FIXED[match(module, "^[^#]*")]
  return names and names[upvalue]
end

vm.permanents = permanents
