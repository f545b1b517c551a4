--- Integers of a fixed width: `local bint = require(".bint")(256)`.
--
-- A bint is an array of words, least significant first (eight words of 32 bits for 256), in two's complement, with the
-- class as its metatable. Processes see the words (`x[1]`, `#x`, json), so they are part of the interface.
--
-- The hot operations are generated as straight code for the usual widths; all other widths and word sizes share one form
-- with loops. Both are kernels: the same few functions on words. What is made of them is in parts (`lua/bint/`), which
-- `include` puts here (`ao_runtime/vm/chunks.py`): the module stays one chunk, and a part sees the locals above it.

local _, host = ...

local assert, error, getmetatable, ipairs, setmetatable = assert, error, getmetatable, ipairs, setmetatable
local rawequal, tonumber, type = rawequal, tonumber, type
local gsub, match, rep = string.gsub, string.match, string.rep
local pack, reverse, sub, unpackbytes = string.pack, string.reverse, string.sub, string.unpack
local concat, insert, sort, unpack = table.concat, table.insert, table.sort, table.unpack
-- Lua's own functions where the host gives them: the sandbox's do more than this module needs. None of them is given to
-- a function that a process may have put in the place of another.
local raw = host and host.raw or {}
local find, format = raw.find or string.find, raw.format or string.format
--- The host compiles the kernel, and no text that a process has had its hands on.
local host_kernel = host and host.kernel
-- These two names show in messages: "bad argument #1 to 'math_abs'".
local math_abs, math_ceil, math_floor = math.abs, math.ceil, math.floor
local math_modf, math_tointeger, math_type, ult = math.modf, math.tointeger, math.type, math.ult
local MAXINTEGER, MININTEGER = math.maxinteger, math.mininteger

--- assert with the position in the message, as every complaint of this module has it.
local function demand(condition, message)
  if not condition then
    error(message)
  end
end

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
--- The largest width, in words, whose kernel is generated: beyond it the code outgrows what it saves.
local UNROLLED = 16

-- The kernel of the usual widths, as text
include("bint/unrolled")

if host and host.take_source then
  host.take_source(unrolledsource)
end

local function unrolled(n, bint, slow)
  if host_kernel then
    return host_kernel(n, bint, slow, getmetatable, setmetatable, sub)
  end
  local kernel = assert(load(unrolledsource(n), ".bint"))
  return kernel(bint, slow, getmetatable, setmetatable, sub, rawget, setmetatable, format)
end

-- The kernel of all others
include("bint/looped")

-- The class ----------------------------------------------------------------------------------------------------------

--- The integer of Lua that a number or a numeric string is, or nil.
local function luainteger(x)
  local kind = type(x)
  if kind == "string" then
    x = tonumber(x)
  elseif kind ~= "number" then
    return nil
  end
  return x and math_tointeger(x)
end

local function newclass(bits, wordbits)
  local w, n = math_tointeger(wordbits), math_tointeger(bits // wordbits)
  local mask, sign = (1 << w) - 1, 1 << (w - 1)
  local bint, slow = { bits = bits }, {}
  bint.__index = bint

  local kernel
  if w == 32 and n <= UNROLLED then
    kernel = unrolled(n, bint, slow)
  else
    kernel = looped(n, w, bint, slow)
  end
  local copy, signed, unsigned = kernel.copy, kernel.signed, kernel.unsigned
  local add, subtract, multiply, negative = kernel.add, kernel.sub, kernel.mul, kernel.neg
  local equal, below, less, lessequal = kernel.eq, kernel.ult, kernel.lt, kernel.le
  local allzero, small = kernel.iszero, kernel.small
  local decimal, fromdecimal = kernel.decimal, kernel.fromdecimal

  -- From numbers, texts and bytes
  include("bint/constructors")

  -- To numbers, texts and bytes
  include("bint/conversions")

  -- Questions about one
  include("bint/predicates")

  -- In place
  include("bint/inplace")

  -- Arithmetic
  include("bint/arithmetic")
  include("bint/division")
  include("bint/powers")

  -- Bits
  include("bint/bits")

  -- Order and equality
  include("bint/comparison")

  return setmetatable(bint, {
    __call = function(_, x)
      return new(x)
    end,
  })
end

local classes = {}

--- The class of integers of `bits` bits (256) in words of `wordbits` bits (32); the same class for the same width.
local function newmodule(bits, wordbits)
  bits, wordbits = bits or 256, wordbits or 32
  local key = bits * 4096 + wordbits
  local class = classes[key]
  if class then
    return class
  end
  demand(bits % wordbits == 0, "bitsize is not multiple of word bitsize")
  demand(2 * wordbits <= 64, "word bitsize must be half of the lua integer bitsize")
  demand(bits >= 64, "bitsize must be >= 64")
  demand(wordbits >= 8, "wordbits must be at least 8")
  demand(bits % 8 == 0, "bitsize must be multiple of 8")
  class = newclass(bits, wordbits)
  classes[key] = class
  return class
end

return newmodule
