--- Where the functions lie in byte code that our own Lua has just made of text; never any that comes from a process.
--
-- Also read outside of any VM, where our own modules are compiled (`vm/chunks.py`): then there is no `vm`.

local vm = ...

local byte, sub, unpack = string.byte, string.sub, string.unpack
local dump = string.dump

local bytecode = {}

--- What byte code begins with: the version, and the sizes and the order of bytes. The number of upvalues of the main
--- function comes next, then that function.
bytecode.HEADER = "\27Lua\x53\0\x19\x93\r\n\x1a\n\4\8\4\8\8\x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40"
local FIRST = #bytecode.HEADER + 2
bytecode.FIRST = FIRST
--- Whether this is a Lua whose byte code we read.
bytecode.readable = sub(dump(function() end), 1, #bytecode.HEADER) == bytecode.HEADER
--- The opcode that makes a function.
local CLOSURE = 44
bytecode.CLOSURE = CLOSURE
--- What Lua calls an upvalue without a name; it is there only to make a function a new one (`distinct.lua`).
bytecode.NAMELESS = "(*no name)"

--- The place behind the string at `at`.
local function skip_string(code, at)
  local size = byte(code, at)
  if size < 255 then
    return at + (size == 0 and 1 or size)
  end
  return at + 8 + unpack("<i8", code, at + 1)
end
bytecode.skip_string = skip_string

--- Bytes of the constants that are no strings.
local WIDTH = { [0] = 1, [1] = 2, [3] = 9, [19] = 9 }

--- Reads the function at `at`, the place of its source; appends it and those inside to `found`.
local function walk(code, at, found)
  local body = skip_string(code, at)
  local this = { body = body }
  found[#found + 1] = this
  local n
  n, at = unpack("<i4", code, body + 11)
  this.code_at, this.instructions = at, n
  n, at = unpack("<i4", code, at + 4 * n)
  for _ = 1, n do
    local width = WIDTH[byte(code, at)]
    at = width and at + width or skip_string(code, at + 1)
  end
  n, at = unpack("<i4", code, at)
  this.upvalues, this.upvalues_at = n, at
  n, at = unpack("<i4", code, at + 2 * n)
  local inner = {}
  for i = 1, n do
    inner[i] = #found + 1
    at = walk(code, at, found)
  end
  this.inner = inner
  n, at = unpack("<i4", code, at)
  n, at = unpack("<i4", code, at + 4 * n)
  for _ = 1, n do
    at = skip_string(code, at) + 8
  end
  n, at = unpack("<i4", code, at)
  this.names, this.names_at, this.named = n, at, 0
  for _ = 1, n do
    this.named = this.named + (byte(code, at) == 0 and 0 or 1)
    at = skip_string(code, at)
  end
  this.stop = at - 1
  return at
end

--- All functions in byte code, the main one first, outer ones before inner ones. Of each: `body` (behind its source) and
--- `stop`, `code_at` and `instructions`, `upvalues` (how many) and `upvalues_at`, `inner` (ordinals), `names` (how many)
--- and `names_at` of its upvalues, and how many have a name (`named`): all but the last, perhaps.
function bytecode.functions(code)
  local found = {}
  walk(code, FIRST, found)
  return found
end

if not vm then
  return bytecode
end
vm.bytecode = bytecode
