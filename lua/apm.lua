--- A client of a package registry, which is another process. Requiring it adds the global `apm` and three handlers.
--
--   require(".apm")
--   apm.registry = "<process id of a registry>"
--   apm.search("token")           -- the answer is printed when it comes
--   apm.install("token@1.2.0")    -- then require("token"), or require(".token")
--
-- What travels. A request is a message to the registry with one of these Actions:
--   APM.Search            Data: the words to look for, "" for all packages
--   APM.Download          Data: JSON {"name": …, "version": …}; no version asks for the newest
-- An answer is a reply: it comes From the registry and its X-Reference is the request's Reference.
--   APM.SearchResponse    Data: JSON array of {"name": …, "version": …, "description": …}
--   APM.DownloadResponse  Data: JSON {"name": …, "version": …, "source": …}; the source is Lua text, and what it returns
--                         is the module
--   APM.Error             Data: why there is no other answer
-- What was not asked for, or not of the sender, is refused: it is printed, and nothing else happens. A package whose code
-- fails while it loads is an error of that message, so that nothing of what it did is kept.

-- luacheck: globals apm

local error, ipairs, load, next, pairs, pcall, tostring, type = error, ipairs, load, next, pairs, pcall, tostring, type
local find, format, gsub, match, sub = string.find, string.format, string.gsub, string.match, string.sub
local concat, sort = table.concat, table.sort
local package = package

local json = require("json")

local MOST_SHOWN = 50
local LONGEST_SHOWN = 200

-- A live process keeps its packages when this file is loaded again.
local previous = type(apm) == "table" and apm or {}

local client = {
  _version = "0.1.0",
  --- The process id of the registry that is asked.
  registry = previous.registry,
  --- Name → {version, registry} of every package installed.
  installed = previous.installed or {},
  --- Reference → what was asked, and of whom, of every request without an answer.
  pending = previous.pending or {},
}

-- Texts ---------------------------------------------------------------------------------------------------------------

local function say(text, ...)
  print("apm: " .. format(text, ...))
end

--- A stranger's text, fit for one line of output.
local function shown(value)
  if type(value) ~= "string" then
    return "(" .. type(value) .. ")"
  end
  value = gsub(value, "%c", " ")
  if #value > LONGEST_SHOWN then
    value = sub(value, 1, LONGEST_SHOWN) .. "…"
  end
  return value
end

-- Names ---------------------------------------------------------------------------------------------------------------

--- Whether this can be a package's name: `token`, `token.math`, `@vendor/token`.
local function is_name(name)
  if type(name) ~= "string" or #name > 100 then
    return false
  end
  local plain = match(name, "^@[%w_%-]+/(.+)$") or name
  return find(plain, "^[%w_][%w_%-%.]*$") ~= nil and not find(plain, "..", 1, true) and sub(plain, -1) ~= "."
end

local function is_version(version)
  return type(version) == "string" and #version <= 50 and find(version, "^[%w%.%-%+]+$") ~= nil
end

--- `name` and `version` of `name@version` or `name`; nil where it is neither.
local function parse(spec)
  if type(spec) ~= "string" then
    return nil
  end
  local name, version = match(spec, "^(.[^@]*)@([^@]+)$")
  name = name or spec
  if is_name(name) and (version == nil or is_version(version)) then
    return name, version
  end
  return nil
end

--- Whether a searcher of the process finds a module: one of the network's, of the project's, or a preloaded one.
local function found(name)
  for _, searcher in ipairs(package.searchers) do
    local ok, loader = pcall(searcher, name)
    if not ok or type(loader) == "function" then
      return true
    end
  end
  return false
end

--- Whether a module that is not one of our packages has this name.
local function is_taken(name)
  if client.installed[name] then
    return false
  end
  for _, each in ipairs({ name, "." .. name }) do
    if package.loaded[each] ~= nil or found(each) then
      return true
    end
  end
  return false
end

-- Requests ------------------------------------------------------------------------------------------------------------

local function ask(kind, action, data, name, version)
  local registry = client.registry
  if type(registry) ~= "string" or registry == "" then
    error('apm.registry is not set: give it the process id of a registry, apm.registry = "…"', 3)
  end
  ao.send({ Target = registry, Action = action, Data = data })
  client.pending[tostring(ao.reference)] = { kind = kind, registry = registry, name = name, version = version }
end

--- Looks for packages. What the registry finds is printed when its answer comes.
function client.search(query)
  if query ~= nil and type(query) ~= "string" then
    error("apm.search: the query must be a string", 2)
  end
  ask("search", "APM.Search", query or "")
end

--- Installs a package, `name` or `name@version`. It can be required when the registry's answer has come.
function client.install(spec)
  local name, version = parse(spec)
  if not name then
    error('apm.install: expected "name" or "name@version", got ' .. shown(spec), 2)
  elseif is_taken(name) then
    error("apm.install: there is a module " .. name .. " already, which is no package", 2)
  end
  ask("install", "APM.Download", json.encode({ name = name, version = version }), name, version)
end

--- Asks for the newest version of one package, or of all.
function client.update(name)
  if name ~= nil and not client.installed[name] then
    error("apm.update: " .. shown(name) .. " is not installed", 2)
  end
  for each in pairs(name and { [name] = true } or client.installed) do
    ask("update", "APM.Download", json.encode({ name = each }), each)
  end
end

--- Forgets a package. What its code has done, and who holds the module, stay.
function client.uninstall(name)
  local entry = client.installed[name]
  if name == nil or not entry then
    error("apm.uninstall: " .. shown(name) .. " is not installed", 2)
  end
  client.installed[name] = nil
  package.loaded[name], package.loaded["." .. name] = nil, nil
  say("%s@%s is uninstalled", name, entry.version)
end

--- What is installed: an array of {name, version, registry}, by name.
function client.list()
  local names = {}
  for name in pairs(client.installed) do
    names[#names + 1] = name
  end
  sort(names)
  for index, name in ipairs(names) do
    local entry = client.installed[name]
    names[index] = { name = name, version = entry.version, registry = entry.registry }
  end
  return names
end

-- Answers -------------------------------------------------------------------------------------------------------------

--- The Data of an answer as a table, which the process may have decoded already; nil where it is none.
local function decoded(msg)
  local data = msg.Data
  if type(data) == "string" then
    local ok, value = pcall(json.decode, data)
    data = ok and value or nil
  end
  return type(data) == "table" and data or nil
end

--- What is wrong with a package that the registry sent; nil where nothing is.
local function fault(asked, package_)
  if not package_ then
    return "the answer is no JSON object"
  elseif package_.name ~= asked.name then
    return "the answer holds " .. shown(package_.name)
  elseif not is_version(package_.version) then
    return "the answer has no version"
  elseif asked.version and package_.version ~= asked.version then
    return "the answer holds version " .. shown(package_.version)
  elseif type(package_.source) ~= "string" then
    return "the answer has no source"
  elseif is_taken(asked.name) then
    return "there is a module of this name already, which is no package"
  end
  return nil
end

local function found_packages(msg)
  local list = decoded(msg)
  if not list or next(list) ~= nil and list[1] == nil then
    return say("refused an answer of %s: it is no JSON array", shown(msg.From))
  elseif #list == 0 then
    return say("nothing found")
  end
  local lines = {}
  for index, each in ipairs(list) do
    if index > MOST_SHOWN then
      lines[index] = format("  … and %d more", #list - MOST_SHOWN)
      break
    end
    each = type(each) == "table" and each or {}
    local description = type(each.description) == "string" and "  " .. shown(each.description) or ""
    lines[index] = "  " .. shown(each.name) .. "@" .. shown(each.version) .. description
  end
  say("found %d\n%s", #list, concat(lines, "\n"))
end

local function arrived(msg, asked)
  local name, new = asked.name, decoded(msg)
  local wrong = fault(asked, new)
  local entry = client.installed[name]
  if wrong then
    return say("refused %s: %s", name, wrong)
  elseif asked.kind == "update" and not entry then
    return say("refused %s: it is no longer installed", name)
  elseif asked.kind == "update" and entry.version == new.version then
    return say("%s@%s is the newest", name, new.version)
  end
  -- Text only: byte code could do anything.
  local chunk, problem = load(new.source, "." .. name, "t")
  if not chunk then
    return say("refused %s@%s: %s", name, new.version, shown(problem))
  end
  local module = chunk(name)
  if module == nil then
    module = true
  end
  package.loaded[name], package.loaded["." .. name] = module, module
  client.installed[name] = { version = new.version, registry = asked.registry }
  say("%s@%s is installed", name, new.version)
end

local function failed(msg, asked)
  local data = msg.Data
  say("%s: %s", asked.name or "search", type(data) == "string" and shown(data) or "the registry has no answer")
end

--- Who answers an Action, for the requests of which kinds.
local ANSWERS = {
  ["APM.SearchResponse"] = { handle = found_packages, kinds = { search = true } },
  ["APM.DownloadResponse"] = { handle = arrived, kinds = { install = true, update = true } },
  ["APM.Error"] = { handle = failed, kinds = { search = true, install = true, update = true } },
}

for action, answer in pairs(ANSWERS) do
  Handlers.prepend(action, function(msg)
    return msg.Action == action
  end, function(msg)
    local reference = msg["X-Reference"]
    local asked = reference ~= nil and client.pending[tostring(reference)] or nil
    if not asked or not answer.kinds[asked.kind] then
      return say("refused %s from %s: nothing like it was asked for", action, shown(msg.From))
    elseif msg.From ~= asked.registry then
      return say("refused %s from %s: it is not the registry", action, shown(msg.From))
    end
    client.pending[tostring(reference)] = nil
    answer.handle(msg, asked)
  end)
end

apm = client
return client
