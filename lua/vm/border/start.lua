-- The module that gets a process's messages: our own or a project's; and how a process starts.

local vm = ...

local ipairs, load, type, error, pcall, rawequal, rawget = ipairs, load, type, error, pcall, rawequal, rawget
local getmetatable = getmetatable
local format = string.format
local concat, unpack = table.concat, table.unpack

local host, module, border, shapes, decode = vm.host, vm.module, vm.border, vm.shapes, vm.values.decode

-- A function that tells whether a list is still the same, without a loop.
local function unchanged(copy)
  local parts = { "local list = ... return " }
  for i, item in ipairs(copy) do
    parts[#parts + 1] = format("list[%d] == %q and ", i, item)
  end
  parts[#parts + 1] = format("list[%d] == nil", #copy + 1)
  return load(concat(parts), "=ao.vm", "t", {})
end

local function with_tag_map(process)
  if type(process) == "table" and type(process.Tags) == "table" then
    local map = {}
    for _, tag in ipairs(process.Tags) do
      if type(tag) == "table" and tag.name ~= nil and map[tag.name] == nil then
        map[tag.name] = tag.value
      end
    end
    process.TagArray, process.Tags = process.Tags, map
  end
end

local function table_of(value)
  if type(value) ~= "table" then
    error("does not make sense", 0)
  end
  return value
end

-- Our own module: messages come prepared, as long as the process leaves the functions alone that do this for it.
-- `held` has what that is told by, `names_at_start` is the list of names that stay tags.
local function with_own(held, names_at_start, title_case)
  local process, ao, utils = table_of(held.process), table_of(held.ao), table_of(held.utils)
  -- In aos 0.2.0 the list is nobody's, and never another.
  local names = held.names ~= nil and table_of(held.names) or nil
  local own_handle, normalize, title = held.handle, held.normalize, held.title
  module.handle, module.suspended, module.failed = host.handle, host.suspended, host.failed
  local kept = {}
  for _, name in ipairs(names_at_start) do
    kept[name] = true
  end
  local same_names = unchanged(names_at_start)
  module.kept = kept
  module.title = host.since("2.0.6") and title_case or nil
  module.prepares = true
  function module.pristine()
    -- rawequal: an __eq would be the process's, and run outside of its limits
    return rawequal(rawget(process, "handle"), own_handle)
      and rawequal(rawget(ao, "normalize"), normalize)
      and rawequal(rawget(utils, "normalize"), title)
      and rawequal(rawget(ao, "nonExtractableTags"), names)
      and (names == nil or getmetatable(names) == nil and same_names(names))
  end
  function vm.captured()
    return {
      process = process,
      ao = ao,
      utils = utils,
      handle = own_handle,
      normalize = normalize,
      title = title,
      names = names,
      names_at_start = names_at_start,
    }
  end
end

local function start_own()
  local process = vm.require(".process")
  local ao, utils = vm.require("ao"), vm.require(".utils")
  local names = ao.nonExtractableTags
  with_own({
    process = process,
    ao = ao,
    utils = utils,
    handle = process.handle,
    normalize = ao.normalize,
    title = utils.normalize,
    names = names,
  }, { unpack(names or host.own_tags) }, utils.normalize)
  if vm.find("json") then
    -- the process requires its own
    vm.loaded.json = nil
  end
end

-- A project's own module: its `.process` gets the decoded JSON, nothing added.
local function start_foreign(with_ao)
  module.prepares = false
  vm.foreign = true
  local function load_process()
    local process = vm.require(".process")
    if type(process) ~= "table" or type(process.handle) ~= "function" then
      error("the module's process.lua returns no table with a function handle(msg, env)", 0)
    end
    return process
  end
  function module.handle(message, env)
    local process = load_process()
    if with_ao then
      local ao = vm.require("ao")
      ao.init(env)
      message = ao.normalize(message)
      return process.handle(message, ao)
    end
    return process.handle(message, env)
  end
  function module.suspended()
    return {}
  end
  module.failed = nil
  function vm.captured()
    return {}
  end
end

vm.with_own, vm.table_of = with_own, table_of

-- What results are written with: a project that is a module may bring its own.
local function encoder()
  local ok, json = pcall(vm.require, "json")
  if not (ok and type(json) == "table" and type(json.encode) == "function") then
    json = load(vm.chunk("json"), "json", "b", vm.globals)(".json", host)
  end
  return json.encode
end

--- Gives the process its environment, as bytes; `own` is false for a module of the project's. What takes time waits
--- for the first message: a process whose state is taken over does not need it.
function border.start(env, own)
  local bare = shapes.constant(decode(env), function()
    return decode(env)
  end)
  if own then
    local function remake()
      local t = decode(env)
      with_tag_map(t.Process)
      return t
    end
    local full = shapes.constant(remake(), remake)
    function module.new_environment(prepared)
      if prepared then
        return full()
      end
      return bare()
    end
  else
    module.new_environment = bare
    start_foreign(not host.since("2.0.1"))
  end
  function module.begin()
    module.encode = encoder()
    if own then
      start_own()
    end
    vm.begun = true
  end
  vm.let_collect()
end
