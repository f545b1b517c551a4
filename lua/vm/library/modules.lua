--- Modules by name: our own, and the project's.

local vm = ...

local load = load
local sub = string.sub
local getinfo = debug.getinfo

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

--- Those of our modules that have a name without a leading dot, as on the network; and lsqlite3, which is Lua's.
local PLAIN = { ao = true, json = true, lsqlite3 = true }

--- What aos 0.2 does not have: once the process has begun (`vm.begun`), for until then they are asked for by ours.
local LATER = { ao = "2.0.1", boot = "2.0.1", assignment = "1" }

--- Whether the network of this generation has a module of ours under this name.
local function is_known(name, plain)
  local from = vm.begun and name ~= plain and LATER[plain]
  return (name ~= plain or PLAIN[plain]) and (not from or vm.host.since(from))
end

--- Whose module a name stands for: "own", "project", or nil. With a leading dot it is ours first, as on the network;
--- without it the project's: its `utils.lua` does not take the place of `.utils`. Until the process has begun it is ours
--- that ask: what they need is no project's `json.lua`. Where the project brings its own `process.lua`, all is its own
--- first.
local function owner(name)
  local plain = bare(name)
  if #plain > LONGEST_NAME then
    return nil
  end
  local known = is_known(name, plain)
  local first_own = (plain ~= name or not vm.begun) and not vm.foreign
  if first_own and known and vm.chunk(plain) then
    return "own"
  elseif vm.find(plain) then
    return "project"
  elseif known and vm.chunk(plain) then
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

vm.modules = { bare = bare, alias = alias, owner = owner, compile = compile }
