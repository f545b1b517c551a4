-- The border of a watched evaluation. A VM in which something was watched is of no use after that: what stands in place of
-- `Handlers.evaluate` is not the process's.

local vm = ...

local trace, globals = vm.trace, vm.globals
local rawget, type = rawget, type
local plain, field = trace.plain, trace.field

--- Authorities that are told.
local MOST = 64

local asking

--- Has the next message watched: its handlers run (`code` is that of `.handlers` with its marks), or only asked. What keeps
--- it from that, or nothing.
function trace.begin(code)
  asking = code == nil
  if asking then
    return trace.ask()
  end
  return trace.walk(code)
end

--- Who the process belongs to and whom it trusts, as it is there.
local function belonging()
  local authorities = {}
  local list = field(rawget(globals, "ao"), "authorities")
  for i = 1, MOST do
    local one = field(list, i)
    authorities[i] = type(one) == "string" and plain(one) or nil
  end
  return { owner = plain(rawget(globals, "Owner")), authorities = authorities }
end

--- What there was, as bytes.
function trace.told()
  local told = asking and trace.answers() or trace.walked()
  told.of = belonging()
  return vm.values.encode(told)
end
