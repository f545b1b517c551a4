--- require and package: our own modules, the project's, and those that a process puts into package.preload.

local vm = ...

local type, error, load, setmetatable, ipairs = type, error, load, setmetatable, ipairs
local getinfo, running = debug.getinfo, coroutine.running
local gsub, gmatch, sub, match = string.gsub, string.gmatch, string.sub, string.match
local concat = table.concat
local math_type = math.type

--- package.loaded: filled from the start with Lua's libraries, with our modules when they are first asked for.
local loaded = {}
vm.loaded = loaded

local preload

-- Paths --------------------------------------------------------------------------------------------------------------

local PATH = concat({
  "/usr/local/share/lua/5.3/?.lua",
  "/usr/local/share/lua/5.3/?/init.lua",
  "/usr/local/lib/lua/5.3/?.lua",
  "/usr/local/lib/lua/5.3/?/init.lua",
  "./?.lua",
  "./?/init.lua",
}, ";")
local CPATH = concat({ "/usr/local/lib/lua/5.3/?.so", "/usr/local/lib/lua/5.3/loadall.so", "./?.so" }, ";")

local function text(value)
  return type(value) == "string" or math_type(value) ~= nil
end

--- What package.searchpath says of a machine without files: nil and the list of what was tried.
local function searchpath(name, path, separator, replacement)
  separator = separator == nil and "." or separator
  replacement = replacement == nil and "/" or replacement
  for i, value in ipairs({ name, path, separator, replacement }) do
    if not text(value) then
      error("bad argument #" .. i .. " to '?' (string expected, got " .. vm.typename(value) .. ")", 0)
    end
  end
  if separator ~= "" then
    -- escape the separator for the pattern, and the replacement for gsub
    name = gsub(name, (gsub(separator, "%W", "%%%0")), (gsub(replacement, "%%", "%%%%")))
  end
  local tried, n = {}, 0
  local shown = gsub(name, "%%", "%%%%")
  for template in gmatch(path, "[^;]+") do
    n = n + 1
    tried[n] = "\n\tno file '" .. gsub(template, "%?", shown) .. "'"
  end
  return nil, concat(tried)
end

-- Searchers ----------------------------------------------------------------------------------------------------------

--- The name without its leading dot: `.utils` and `utils` are one module.
local function bare(name)
  if sub(name, 1, 1) == "." then
    return sub(name, 2)
  end
  return name
end

--- The other of the two names of a module.
local function alias(name)
  return sub(name, 1, 1) == "." and sub(name, 2) or "." .. name
end

--- No file has a longer name.
local LONGEST_NAME = 200

--- Whose module a name stands for: "own", "project", or nil. With a leading dot it is ours first, as on the network;
--- without it the project's: its `utils.lua` does not take the place of `.utils`. Where the project brings its own
--- `process.lua`, all is its own first.
local function owner(name)
  local plain = bare(name)
  if #plain > LONGEST_NAME then
    return nil
  end
  local first_own = plain ~= name and not vm.foreign
  if first_own and vm.chunk(plain) then
    return "own"
  elseif vm.find(plain) then
    return "project"
  elseif vm.chunk(plain) then
    return "own"
  end
  return nil
end

--- Chunk names are cut at this length when they are shown.
local LONGEST = 40

--- Compiles a module of the project's or of ours: a function; nil when there is none, or nil and what is wrong with it.
local function compile(name)
  local plain, whose = bare(name), owner(name)
  local chunk = "." .. plain
  if whose == "project" then
    local source = vm.find(plain)
    -- It reads `[string ".name"]`, and is another chunk than one of ours that has the same name.
    if #chunk <= LONGEST then
      chunk = '=[string "' .. chunk .. '"]'
    end
    -- text only: byte code could do anything
    local f, err = load(source, chunk, "t", vm.globals)
    return vm.keep_frames(f, source, err, chunk)
  elseif not whose then
    return nil
  end
  local code = vm.chunk(plain)
  if plain == "json" then
    chunk = plain -- as on the network
  end
  local f, err = load(code, chunk, "bt", vm.globals)
  if not f then
    return nil, err
  end
  vm.own[getinfo(f, "S").source] = true
  local host = vm.host
  return function(required)
    return f(required, host)
  end
end

local function checked(name)
  if type(name) == "string" then
    return name
  elseif math_type(name) then
    return name .. ""
  end
  error("bad argument #1 to '?' (string expected, got " .. (name == nil and "no value" or vm.typename(name)) .. ")", 0)
end

local package

local function search_preload(name)
  name = checked(name)
  local loader = preload[name]
  if loader == nil then
    return "\n\tno field package.preload['" .. name .. "']"
  end
  return loader
end

local function search_modules(name)
  name = checked(name)
  local loader, err = compile(name)
  if loader then
    return loader
  elseif err then
    error("error loading module '" .. name .. "':\n\t" .. err, 0)
  end
  return "module " .. name .. " not found"
end

--- A searcher for files, of which there are none.
local function file_searcher(field, shorten)
  return function(name)
    name = checked(name)
    if shorten then
      name = match(name, "^([^%.]*)%.")
      if not name then
        return nil
      end
    end
    local path = package[field]
    if type(path) ~= "string" then
      error("'package." .. field .. "' must be a string", 0)
    end
    local _, tried = searchpath(name, path)
    return tried
  end
end

preload = {}
package = {
  config = "/\n;\n?\n!\n-\n",
  cpath = CPATH,
  loaded = loaded,
  loadlib = function()
    return nil, "dynamic libraries not enabled; check your Lua installation", "absent"
  end,
  path = PATH,
  preload = preload,
  searchers = {
    search_preload,
    search_modules,
    file_searcher("path"),
    file_searcher("cpath"),
    file_searcher("cpath", true),
  },
  searchpath = searchpath,
}
vm.package, vm.preload = package, preload

-- require ------------------------------------------------------------------------------------------------------------

--- Modules being loaded, outermost first, for each coroutine that loads some.
local chains = setmetatable({}, { __mode = "k" })

local run

--- How many modules are being loaded by the running coroutine: what an error has left behind in its chain is cut off.
local function depth()
  local count, level = 0, 1
  while true do
    local info = getinfo(level, "f")
    if not info then
      return count
    elseif info.func == run then
      count = count + 1
    end
    level = level + 1
  end
end

function run(loader, name, extra, chain, at)
  chain[at] = name
  local value = loader(name, extra)
  chain[at] = nil
  return value
end

local function find_loader(name)
  local searchers = package.searchers
  if type(searchers) ~= "table" then
    error("'package.searchers' must be a table", 0)
  end
  local tried = ""
  local i = 1
  while true do
    local searcher = searchers[i]
    if searcher == nil then
      error("module '" .. name .. "' not found:" .. tried, 0)
    end
    local loader, extra = searcher(name)
    if type(loader) == "function" then
      return loader, extra
    elseif type(loader) == "string" then
      tried = tried .. loader
    end
    i = i + 1
  end
end

--- The value of a module of ours or of the project's that is loaded under its other name.
local function loaded_as(name)
  local value = loaded[name]
  if value then
    local whose = owner(name)
    if whose and whose == owner(alias(name)) then
      return value
    end
  end
end

--- The sandbox's require.
local function require(name)
  name = checked(name)
  local value = loaded[name]
  if value then
    return value
  end
  value = loaded_as(alias(name))
  if value then
    loaded[name] = value
    return value
  end
  local thread = running()
  local chain, at = chains[thread], depth()
  if at == 0 then
    -- always a new one: what an earlier message has left must not show, not even in the gas
    chain = {}
    chains[thread] = chain
  end
  for i = 1, at do
    if chain[i] and bare(chain[i]) == bare(name) then
      error("module '" .. name .. "' requires itself: " .. concat(chain, " -> ", i, at) .. " -> " .. name, 0)
    end
  end
  local loader, extra = find_loader(name)
  value = run(loader, name, extra, chain, at + 1)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == nil then
    loaded[name] = true
  end
  return loaded[name]
end
vm.require = require
