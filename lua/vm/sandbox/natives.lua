-- Python functions for our own modules: `host.native(name)` gives a Lua function over one of the allowlisted Python
-- functions. Only plain values pass, both ways, and the bytes that pass are charged as instructions.
local vm = ...

local type, select, error = type, select, error
local sub = string.sub
local lookup = vm.native

-- Where Lua's memory ends while lupa gives it a string, all ends. So Python answers with nothing at all where there is no
-- room for an answer, and is asked again when the garbage is gone.
local function answered(...)
  return select("#", ...) > 0, ...
end

--- The function `f` of Python's, which answers nothing where there is no room in memory, and three values at most.
local function patient(f)
  return function(...)
    local there, a, b, c = answered(f(...))
    if not there then
      vm.collect()
      there, a, b, c = answered(f(...))
      if not there then
        vm.strike("memory")
      end
    end
    return a, b, c
  end
end

vm.chunk, vm.find, vm.file = patient(vm.chunk), patient(vm.find), patient(vm.file)

-- About as many instructions as the VM runs in the time that a digest takes for so many bytes.
local BYTES_PER_INSTRUCTION = 16

local PLAIN = { string = true, number = true, boolean = true, ["nil"] = true }

local function check(...)
  local bytes = 0
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    local kind = type(value)
    if not PLAIN[kind] then
      error("a " .. kind .. " value cannot be given to a native function", 0)
    elseif kind == "string" then
      bytes = bytes + #value
    end
  end
  return bytes
end

--- Functions over natives, by name.
local known = {}
vm.natives = known

local FAMILY = "crypto."

--- A function over the Python function `name`, or nil if there is none. It answers nil and a message where that fails.
function vm.host.native(name)
  if type(name) ~= "string" or sub(name, 1, #FAMILY) ~= FAMILY then
    return nil
  end
  local f = known[name]
  if f == nil then
    local python = lookup(name)
    python = python and patient(python)
    f = python
      and function(...)
        -- Before the work is done, so that a limit stops it.
        vm.charge(64 + check(...) // BYTES_PER_INSTRUCTION)
        return python(...)
      end
    known[name] = f or false
  end
  return f or nil
end
