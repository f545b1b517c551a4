--- Integers of a fixed width: `local bint = require(".bint")(256)`.
--
-- A bint is an array of words, least significant first (eight words of 32 bits for 256), in two's complement, with the
-- class as its metatable. Processes see the words (`x[1]`, `#x`, json), so they are part of the interface.
--
-- Processes do all their money with it, so the hot operations of the usual widths are generated as straight code for
-- the width (`unrolled`): no loops, words in locals, carries in the upper half of Lua's 64-bit integers. All other
-- widths and word sizes share one form with loops (`looped`). Both are kernels: the same few functions on words.

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

-- Unrolled kernel ----------------------------------------------------------------------------------------------------

--- `pattern` once for every number from `first` to `last`, with @ as the number.
local function each(first, last, pattern, separator)
  local out = {}
  for i = first, last do
    out[#out + 1] = gsub(pattern, "@", i)
  end
  return concat(out, separator or " ")
end

--- The statements of x*y over words a1…, b1… of `k` words each, into r1… of `n` words.
-- Row by row: a*b + r + carry is at most 2^64 - 1, so a word product, its sum and its carry are one Lua integer.
local function product(k, n)
  local out = {}
  for i = 1, k do
    local skip = i > 1
    local last = k < n - i + 1 and k or n - i + 1
    if skip then
      out[#out + 1] = "if a" .. i .. " ~= 0 then"
    end
    for j = 1, last do
      local at = i + j - 1
      local before = (skip and " + r" .. at or "") .. (j > 1 and " + (t >> 32)" or "")
      out[#out + 1] = "t = a" .. i .. " * b" .. j .. before .. " r" .. at .. " = t & 0xFFFFFFFF"
    end
    if i + last <= n then
      out[#out + 1] = "r" .. i + last .. " = t >> 32"
    end
    if skip then
      out[#out + 1] = "end"
    end
  end
  return concat(out, "\n")
end

--- A function from `k` words to decimal text: chunks of 18 digits, each by two divisions by 10^9, the lowest first.
local function decimalsource(k)
  local out = { "local function decimal" .. k .. "(" .. each(1, k, "a@", ", ") .. ")\nlocal t, q, r, s" }
  local chunks, formats, left = {}, "%d", k * 32.0
  local top = k
  while true do
    local high = top > 2 and "(" .. each(3, top, "a@", " | ") .. ") == 0 and " or ""
    local small = "format('"
      .. formats
      .. "', "
      .. concat({ top > 1 and "a2 << 32 | a1" or "a1", unpack(chunks) }, ", ")
      .. ")"
    if top < 2 then
      out[#out + 1] = "return " .. small
      break
    end
    out[#out + 1] = "if " .. high .. "a2 < 0x80000000 then return " .. small .. " end"
    for half = 1, 2 do
      local r = half == 1 and "r" or "s"
      out[#out + 1] = "q = a"
        .. top
        .. " // 1000000000 "
        .. r
        .. " = a"
        .. top
        .. " - q * 1000000000 a"
        .. top
        .. " = q"
      for i = top - 1, 1, -1 do
        out[#out + 1] = "t = "
          .. r
          .. " << 32 | a"
          .. i
          .. " q = t // 1000000000 "
          .. r
          .. " = t - q * 1000000000 a"
          .. i
          .. " = q"
      end
    end
    out[#out + 1] = "local d" .. #chunks + 1 .. " = s * 1000000000 + r"
    insert(chunks, 1, "d" .. #chunks + 1)
    formats = formats .. "%018d"
    left = left - 59.79
    top = left > 0 and math_ceil(left / 32) or 1
  end
  out[#out + 1] = "end"
  return concat(out, "\n")
end

--- The statements of words w1…w`from` times 10^9 plus `add`, into w1…w`to`.
local function timesbillion(from, to, add)
  local out = { "t = w1 * 1000000000 + " .. add .. " w1 = t & 0xFFFFFFFF" }
  for i = 2, from do
    out[#out + 1] = "t = w" .. i .. " * 1000000000 + (t >> 32) w" .. i .. " = t & 0xFFFFFFFF"
  end
  if to > from then
    out[#out + 1] = "w" .. to .. " = t >> 32"
  end
  return concat(out, "\n")
end

--- The statements that read digits first…last of s into w1…: chunks of 18, the first one shorter.
local function readsource(n)
  local out = { "local v, hi, t\nlocal stop = first + (last - first) % 18" }
  local finish = "return (rawget(bint, '__gc') == nil and mark or setmetatable)({ "
    .. each(1, n, "w@", ", ")
    .. " }, bint)"
  out[#out + 1] = "local " .. each(1, n, "w@", ", ") .. " = " .. rep("0", n, ", ")
  out[#out + 1] = "v = sub(s, first, stop) | 0 w1 = v & 0xFFFFFFFF w2 = v >> 32"
  local words, digits = 2, 18
  local next = "v = sub(s, stop + 1, stop + 18) | 0 stop = stop + 18 hi = v // 1000000000"
  while words < n do
    out[#out + 1] = "if stop == last then " .. finish .. " end\n" .. next
    for half = 1, 2 do
      digits = digits + 9
      local to = math_ceil(digits * 3.3219281 / 32)
      to = to < n and to or n
      out[#out + 1] = timesbillion(words, to, half == 1 and "hi" or "(v - hi * 1000000000)")
      words = to
    end
  end
  out[#out + 1] = "while stop ~= last do " .. next
  out[#out + 1] = timesbillion(n, n, "hi") .. "\n" .. timesbillion(n, n, "(v - hi * 1000000000)")
  out[#out + 1] = "end\n" .. finish
  return concat(out, "\n")
end

--- Lua text of the kernel for n words of 32 bits. `mark` is Lua's setmetatable; it is only for a class without __gc,
-- which is the sandbox's business. That is asked with rawget: an __index would be the process's.
local function unrolledsource(n)
  local made = "return (rawget(bint, '__gc') == nil and mark or setmetatable)({ "
  local out = {}
  local function emit(text)
    out[#out + 1] = text
  end
  local function result(pattern)
    return made .. each(1, n, pattern, ", ") .. " }, bint)"
  end
  local guard = "if getmetatable(x) ~= bint or getmetatable(y) ~= bint then return slow.%s(x, y) end"
  emit("local bint, slow, getmetatable, setmetatable, sub, rawget, mark, format = ...\nlocal k = {}")

  emit("function k.copy(x) " .. result("x[@]") .. " end")
  local zeros = rep(", 0", n - 2)
  emit("function k.unsigned(v) " .. made .. "v & 0xFFFFFFFF, v >> 32" .. zeros .. " }, bint) end")
  emit("function k.signed(v) if v >= 0 then " .. made .. "v & 0xFFFFFFFF, v >> 32" .. zeros .. " }, bint) end")
  emit(made .. "v & 0xFFFFFFFF, v >> 32" .. rep(", 0xFFFFFFFF", n - 2) .. " }, bint) end")

  emit("function k.add(x, y) " .. format(guard, "add"))
  emit("local a1 = x[1] + y[1]")
  for i = 2, n do
    emit(format("local a%d = x[%d] + y[%d] + (a%d >> 32)", i, i, i, i - 1))
  end
  emit(result("a@ & 0xFFFFFFFF") .. " end")

  emit("function k.sub(x, y) " .. format(guard, "sub"))
  emit("local a1 = x[1] - y[1]")
  for i = 2, n do
    emit(format("local a%d = x[%d] - y[%d] - (a%d >> 63)", i, i, i, i - 1))
  end
  emit(result("a@ & 0xFFFFFFFF") .. " end")

  emit("function k.neg(x) local a1 = -x[1]")
  for i = 2, n do
    emit(format("local a%d = -x[%d] - (a%d >> 63)", i, i, i - 1))
  end
  emit(result("a@ & 0xFFFFFFFF") .. " end")

  emit("function k.mul(x, y) " .. format(guard, "mul"))
  emit("local " .. each(1, n, "a@", ", ") .. " = " .. each(1, n, "x[@]", ", "))
  emit("local " .. each(1, n, "b@", ", ") .. " = " .. each(1, n, "y[@]", ", "))
  emit("local t " .. each(1, n, "local r@ = 0"))
  -- Amounts are mostly far below the width: the narrowest product that holds both comes first.
  local condition, width = "if", 4
  while width < n do
    emit(condition .. " (" .. each(width + 1, n, "a@ | b@", " | ") .. ") == 0 then")
    emit(product(width, n))
    condition, width = "elseif", width * 2
  end
  emit((n > 4 and "else\n" or "") .. product(n, n) .. (n > 4 and "\nend" or ""))
  emit(result("r@") .. " end")

  emit("function k.eq(x, y) return " .. each(1, n, "x[@] == y[@]", " and ") .. " end")
  emit("function k.ult(x, y) local p, q")
  for i = n, 1, -1 do
    emit(format("p, q = x[%d], y[%d] if p ~= q then return p < q end", i, i))
  end
  emit("return false end")
  for _, name in ipairs({ "lt", "le" }) do
    emit("function k." .. name .. "(x, y) " .. format(guard, name))
    emit(format("local p, q = x[%d], y[%d] if p ~= q then return p ~ 0x80000000 < q ~ 0x80000000 end", n, n))
    for i = n - 1, 1, -1 do
      emit(format("p, q = x[%d], y[%d] if p ~= q then return p < q end", i, i))
    end
    emit("return " .. (name == "le" and "true" or "false") .. " end")
  end
  emit("function k.iszero(x) return (" .. each(1, n, "x[@]", " | ") .. ") == 0 end")
  local high = n > 2 and " and (" .. each(3, n, "x[@]", " | ") .. ") == 0" or ""
  emit("function k.small(x) if x[2] < 0x80000000" .. high .. " then return x[2] << 32 | x[1] end end")
  emit("function k.band(x, y) " .. result("x[@] & y[@]") .. " end")
  emit("function k.bor(x, y) " .. result("x[@] | y[@]") .. " end")
  emit("function k.bxor(x, y) " .. result("x[@] ~ y[@]") .. " end")
  emit("function k.bnot(x) " .. result("~x[@] & 0xFFFFFFFF") .. " end")

  emit(decimalsource(n))
  if n > 4 then
    emit(decimalsource(4))
  end
  emit("function k.decimal(x)")
  if n > 4 then
    emit("if (" .. each(5, n, "x[@]", " | ") .. ") == 0 then return decimal4(x[1], x[2], x[3], x[4]) end")
  end
  emit("return decimal" .. n .. "(" .. each(1, n, "x[@]", ", ") .. ") end")
  emit("function k.fromdecimal(s, first, last)\n" .. readsource(n) .. "\nend")
  emit("return k")
  return concat(out, "\n")
end

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

-- Kernel with loops --------------------------------------------------------------------------------------------------

--- The kernel for n words of `w` bits, any n, any w of 8…32.
local function looped(n, w, bint, slow)
  local k = {}
  local mask, sign = (1 << w) - 1, 1 << (w - 1)

  local zeros = {}
  for i = 1, n do
    zeros[i] = 0
  end

  local function fill(v, rest)
    local x = { unpack(zeros, 1, n) } -- one allocation of the right size
    for i = 1, n do
      x[i] = v & mask
      v = v >> w | rest
    end
    return setmetatable(x, bint)
  end

  function k.copy(x)
    return setmetatable({ unpack(x, 1, n) }, bint)
  end

  function k.unsigned(v)
    return fill(v, 0)
  end

  function k.signed(v)
    return fill(v, v < 0 and ~(-1 >> w) or 0)
  end

  function k.add(x, y)
    if getmetatable(x) ~= bint or getmetatable(y) ~= bint then
      return slow.add(x, y)
    end
    local z, carry = { unpack(x, 1, n) }, 0
    for i = 1, n do
      carry = x[i] + y[i] + carry
      z[i] = carry & mask
      carry = carry >> w
    end
    return setmetatable(z, bint)
  end

  function k.sub(x, y)
    if getmetatable(x) ~= bint or getmetatable(y) ~= bint then
      return slow.sub(x, y)
    end
    local z, borrow = { unpack(x, 1, n) }, 0
    for i = 1, n do
      borrow = x[i] - y[i] - borrow
      z[i] = borrow & mask
      borrow = borrow >> 63
    end
    return setmetatable(z, bint)
  end

  function k.neg(x)
    local z, borrow = { unpack(x, 1, n) }, 0
    for i = 1, n do
      borrow = -x[i] - borrow
      z[i] = borrow & mask
      borrow = borrow >> 63
    end
    return setmetatable(z, bint)
  end

  function k.mul(x, y)
    if getmetatable(x) ~= bint or getmetatable(y) ~= bint then
      return slow.mul(x, y)
    end
    local top = n
    while top > 0 and y[top] == 0 do
      top = top - 1
    end
    local z = k.unsigned(0)
    for i = 1, n do
      local a = x[i]
      if a ~= 0 then
        local t, at = 0, i
        for j = 1, top <= n - i and top or n - i + 1 do
          t = a * y[j] + z[at] + (t >> w)
          z[at] = t & mask
          at = at + 1
        end
        if at <= n then
          z[at] = t >> w
        end
      end
    end
    return z
  end

  function k.eq(x, y)
    for i = 1, n do
      if x[i] ~= y[i] then
        return false
      end
    end
    return true
  end

  function k.ult(x, y)
    for i = n, 1, -1 do
      local p, q = x[i], y[i]
      if p ~= q then
        return p < q
      end
    end
    return false
  end

  function k.lt(x, y)
    if getmetatable(x) ~= bint or getmetatable(y) ~= bint then
      return slow.lt(x, y)
    end
    local p, q = x[n] ~ sign, y[n] ~ sign
    if p ~= q then
      return p < q
    end
    return k.ult(x, y)
  end

  function k.le(x, y)
    if getmetatable(x) ~= bint or getmetatable(y) ~= bint then
      return slow.le(x, y)
    end
    return not k.lt(y, x)
  end

  function k.iszero(x)
    for i = 1, n do
      if x[i] ~= 0 then
        return false
      end
    end
    return true
  end

  --- x as an integer of Lua when it is in 0…2^63 - 1.
  function k.small(x)
    for i = 64 // w + 1, n do
      if x[i] ~= 0 then
        return nil
      end
    end
    local v, shift = 0, 0
    for i = 1, 64 // w do
      v = v | x[i] << shift
      shift = shift + w
    end
    if v >= 0 then
      return v
    end
  end

  function k.band(x, y)
    local z = { unpack(x, 1, n) }
    for i = 1, n do
      z[i] = z[i] & y[i]
    end
    return setmetatable(z, bint)
  end

  function k.bor(x, y)
    local z = { unpack(x, 1, n) }
    for i = 1, n do
      z[i] = z[i] | y[i]
    end
    return setmetatable(z, bint)
  end

  function k.bxor(x, y)
    local z = { unpack(x, 1, n) }
    for i = 1, n do
      z[i] = z[i] ~ y[i]
    end
    return setmetatable(z, bint)
  end

  function k.bnot(x)
    local z = { unpack(x, 1, n) }
    for i = 1, n do
      z[i] = ~z[i] & mask
    end
    return setmetatable(z, bint)
  end

  --- Decimal text of x taken as unsigned.
  function k.decimal(x)
    local words = { unpack(x, 1, n) }
    local top, parts, count = n, {}, 0
    while true do
      while top > 1 and words[top] == 0 do
        top = top - 1
      end
      if top * w < 63 then
        break
      end
      local r = 0
      for i = top, 1, -1 do
        local t = r << w | words[i]
        local q = t // 1000000000
        words[i] = q
        r = t - q * 1000000000
      end
      count = count + 1
      parts[count] = r
    end
    local v = 0
    for i = top, 1, -1 do
      v = v << w | words[i]
    end
    local out = { format("%d", v) }
    for i = count, 1, -1 do
      out[count - i + 2] = format("%09d", parts[i])
    end
    return concat(out)
  end

  --- The digits first…last of s, decimal.
  function k.fromdecimal(s, first, last)
    local x = k.unsigned(0)
    local stop = first + (last - first) % 9
    local used = 0
    while true do
      local t = (sub(s, first, stop) | 0) << w
      for i = 1, used do
        t = x[i] * 1000000000 + (t >> w)
        x[i] = t & mask
      end
      t = t >> w
      while t ~= 0 and used < n do
        used = used + 1
        x[used] = t & mask
        t = t >> w
      end
      if stop == last then
        return x
      end
      first, stop = stop + 1, stop + 9
    end
  end

  return k
end

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

  -- Constructors ------------------------------------------------------------------------------------------------------

  function bint.zero()
    return unsigned(0)
  end

  function bint.one()
    return unsigned(1)
  end

  --- The bint of an integer of Lua taken as unsigned.
  function bint.fromuinteger(x)
    x = luainteger(x)
    if x then
      return unsigned(x)
    end
  end

  local function frominteger(x)
    x = luainteger(x)
    if x then
      return signed(x)
    end
  end
  bint.frominteger = frominteger

  --- The largest power of `base` that a word can be multiplied or divided by in 63 bits, and its exponent.
  local steps = {}
  local function stepof(base)
    local power, digits = steps[base], 0
    if not power then
      power = base
      while power * base < 1 << (63 - w) do
        power = power * base
      end
      steps[base] = power
    end
    local rest = power
    while rest > 1 do
      rest, digits = rest // base, digits + 1
    end
    return power, digits
  end

  --- The number of digits of the largest power of `base` that an integer of Lua holds.
  local function mostdigits(base)
    local power, digits = 1, 0
    while power <= MAXINTEGER // base do
      power, digits = power * base, digits + 1
    end
    return digits
  end

  --- The bint of digits, all of them of that base.
  local function digitsin(s, base)
    local power, digits = stepof(base)
    local x, used = unsigned(0), 0
    local last = #s
    local first, stop = 1, 1 + (last - 1) % digits
    while first <= last do
      local t = tonumber(sub(s, first, stop), base)
      first, stop = stop + 1, stop + digits
      for j = 1, used do
        t = x[j] * power + t
        x[j] = t & mask
        t = t >> w
      end
      while t ~= 0 and used < n do
        used = used + 1
        x[used] = t & mask
        t = t >> w
      end
    end
    return x
  end

  --- The bint that a text of digits is in a base of 2…36 (10), with a sign and blanks around; nothing when it is none.
  local function frombase(s, base)
    if type(s) ~= "string" then
      return
    end
    base = base or 10
    if not (base >= 2 and base <= 36) then
      return
    end
    if #s < mostdigits(base) then
      -- As in the reference, Lua reads the short ones: only they may have blanks around.
      return frominteger(tonumber(s, base))
    end
    local minus, digits = match(s, "^([+-]?)(%w+)$")
    if not digits then
      return
    end
    local x
    if base == 10 then
      x = not find(digits, "%D") and fromdecimal(digits, 1, #digits)
    else
      -- Raises Lua's own complaint about a base that is no integer.
      x = tonumber(digits, base) and digitsin(digits, math_tointeger(base))
    end
    if x then
      return minus == "-" and negative(x) or x
    end
  end
  bint.frombase = frombase

  --- The bint that a text is: decimal, 0x… or 0b…, with a sign; nothing when it is none.
  local function fromstring(s)
    if type(s) ~= "string" then
      return
    end
    if find(s, "^%d+$") then
      return fromdecimal(s, 1, #s)
    end
    if find(s, "^[+-]%d+$") then
      local x = fromdecimal(s, 2, #s)
      return sub(s, 1, 1) == "-" and negative(x) or x
    end
    local minus, digits = match(s, "^([+-]?)0[xX](%x+)$")
    if minus then
      return frombase(minus .. digits, 16)
    end
    minus, digits = match(s, "^([+-]?)0[bB]([01]+)$")
    if minus then
      return frombase(minus .. digits, 2)
    end
  end
  bint.fromstring = fromstring

  local bytes, total = w // 8, n
  local littleformat = "<" .. rep("I" .. bytes, n)
  local size = bits // 8

  local function frombuffer(buffer)
    local missing = size - #buffer
    if missing > 0 then
      buffer = buffer .. rep("\0", missing)
    end
    -- As in the reference, the position after the last word stays in the array.
    return setmetatable({ unpackbytes(littleformat, buffer) }, bint)
  end

  --- The bint of bytes, the lowest first.
  function bint.fromle(buffer)
    demand(type(buffer) == "string", "buffer is not a string")
    return frombuffer(buffer)
  end

  --- The bint of bytes, the highest first.
  function bint.frombe(buffer)
    demand(type(buffer) == "string", "buffer is not a string")
    return frombuffer(reverse(buffer))
  end

  --- A new bint of a bint, an integer or a text.
  local function new(x)
    local kind, y = type(x), x
    if kind == "string" then
      if find(x, "^%d+$") then
        return fromdecimal(x, 1, #x)
      end
      y = fromstring(x)
    elseif kind == "number" then
      y = math_tointeger(x)
      if y then
        return signed(y)
      end
    elseif getmetatable(x) == bint then
      return copy(x)
    end
    if not y then
      error("value cannot be represented by a bint")
    end
    return y
  end
  bint.new = new

  --- x as a bint, or nothing; a bint is returned itself unless `clone`.
  local function tobint(x, clone)
    if getmetatable(x) == bint then
      if clone then
        return copy(x)
      end
      return x
    end
    local kind = type(x)
    if kind == "string" then
      return fromstring(x)
    elseif kind == "number" then
      x = math_tointeger(x)
      if x then
        return signed(x)
      end
    end
  end
  bint.tobint = tobint

  --- x as a bint, or else as a number, or nil.
  local function parse(x, clone)
    local y = tobint(x, clone)
    if y then
      return y
    end
    y = tonumber(x)
    return y
  end
  bint.parse = parse

  local function integral(x)
    local y = tobint(x)
    if not y then
      error("value has not integer representation")
    end
    return y
  end

  -- Conversions -------------------------------------------------------------------------------------------------------

  --- The low 64 bits of x as an integer of Lua.
  local function lowinteger(x)
    local v, shift, i = 0, 0, 1
    while shift < 64 do
      v = v | x[i] << shift
      shift, i = shift + w, i + 1
    end
    return v
  end

  function bint.touinteger(x)
    if getmetatable(x) == bint then
      return lowinteger(x)
    end
    x = luainteger(x)
    if x then
      return x
    end
  end
  local tointeger = bint.touinteger

  function bint.tointeger(x)
    return tointeger(x)
  end

  local function assertinteger(x)
    x = tointeger(x)
    if not x then
      error("value has no integer representation")
    end
    return x
  end

  local function isnegative(x)
    return x[n] & sign ~= 0
  end

  --- x as the nearest float: its 62 highest bits, the last of them set when a bit below is.
  local function tofloat(x)
    local minus = isnegative(x)
    if minus then
      x = negative(x)
    end
    local top = n
    while x[top] == 0 do
      top = top - 1
    end
    local v, room, i = 0, 62, top
    local length = 0
    while x[top] >> length ~= 0 do
      length = length + 1
    end
    local exponent = (top - 1) * w + length - 62
    while i > 0 and room >= length do
      v = v << length | x[i]
      room, length, i = room - length, w, i - 1
    end
    if i > 0 then
      local rest = length - room
      v = v << room | x[i] >> rest
      local lost = x[i] & (1 << rest) - 1
      for j = 1, i - 1 do
        lost = lost | x[j]
      end
      if lost ~= 0 then
        v = v | 1
      end
    else
      v = v << room
    end
    local value = exponent > 962 and math.huge or v * 2.0 ^ exponent
    return minus and -value or value
  end

  --- x as a number: an integer where 64 bits hold it, else a float.
  local function bintnumber(x)
    if getmetatable(x) == bint then
      local v = lowinteger(x)
      if equal(signed(v), x) then
        return v
      end
      return tofloat(x)
    end
    return tonumber(x)
  end
  bint.tonumber = bintnumber

  --- The short division of x by d (at most 63 - w bits), in x; the remainder.
  local function shorten(x, d)
    local r = 0
    for i = n, 1, -1 do
      local t = r << w | x[i]
      local q = t // d
      x[i] = q
      r = t - q * d
    end
    return r
  end

  --- Text of x in a base of 2…36 (10); signed in base 10, unsigned in the others, unless said.
  local function tobase(x, base, isunsigned)
    x = tobint(x)
    if not x then
      return
    end
    base = base or 10
    if not (base >= 2 and base <= 36) then
      return
    end
    if isunsigned == nil then
      isunsigned = base ~= 10
    end
    local minus = ""
    if not isunsigned and isnegative(x) then
      x, minus = negative(x), "-"
    end
    if base == 10 then
      return minus .. decimal(x)
    elseif base == 16 and w == 32 and math_type(base) == "integer" then
      local top = n
      while top > 1 and x[top] == 0 do
        top = top - 1
      end
      local out = { format("%x", x[top]) }
      for i = top - 1, 1, -1 do
        out[top - i + 1] = format("%08x", x[i])
      end
      return minus .. concat(out)
    end
    if math_type(base) == "float" then
      base = 0 | base
    end
    local power, digits = stepof(base)
    local rest, out, count = copy(x), {}, 0
    repeat
      local r = shorten(rest, power)
      local last = allzero(rest)
      for _ = 1, digits do
        if last and r == 0 and count > 0 then
          break
        end
        local d = r % base + 1
        count = count + 1
        out[count] = sub(DIGITS, d, d)
        r = r // base
      end
    until last
    return minus .. reverse(concat(out))
  end
  bint.tobase = tobase

  local function tobuffer(x, trim)
    if w ~= bytes * 8 then
      for i = 1, n do
        if x[i] >> bytes * 8 ~= 0 then
          error("bad argument #1 to 'pack' (unsigned overflow)")
        end
      end
    end
    local s = pack(littleformat, unpack(x, 1, n))
    if trim then
      s = match(s, "^(.-)%z*$")
      if s == "" then
        s = "\0"
      end
    end
    return s
  end

  --- The bytes of x, the lowest first; without the zeros at the end when `trim`.
  function bint.tole(x, trim)
    return tobuffer(integral(x), trim)
  end

  --- The bytes of x, the highest first; without the zeros at the start when `trim`.
  function bint.tobe(x, trim)
    return reverse(tobuffer(integral(x), trim))
  end

  -- Tests -------------------------------------------------------------------------------------------------------------

  function bint.isbint(x)
    return getmetatable(x) == bint
  end

  function bint.isintegral(x)
    return getmetatable(x) == bint or math_type(x) == "integer"
  end

  function bint.isnumeric(x)
    return getmetatable(x) == bint or type(x) == "number"
  end

  --- "bint", "integer", "float" or nil.
  function bint.type(x)
    if getmetatable(x) == bint then
      return "bint"
    end
    return type(x) == "number" and math_type(x) or nil
  end

  function bint.iszero(x)
    if getmetatable(x) == bint then
      return allzero(x)
    end
    return x == 0
  end

  function bint.isone(x)
    if getmetatable(x) == bint then
      return small(x) == 1
    end
    return x == 1
  end

  function bint.isminusone(x)
    if getmetatable(x) == bint then
      for i = 1, n do
        if x[i] ~= mask then
          return false
        end
      end
      return true
    end
    return x == -1
  end

  local function isneg(x)
    if getmetatable(x) == bint then
      return isnegative(x)
    end
    return x < 0
  end
  bint.isneg = isneg

  function bint.ispos(x)
    if getmetatable(x) == bint then
      return not isnegative(x) and not allzero(x)
    end
    return x > 0
  end

  function bint.iseven(x)
    if getmetatable(x) == bint then
      return x[1] & 1 == 0
    end
    return math_abs(x) % 2 == 0
  end

  function bint.isodd(x)
    if getmetatable(x) == bint then
      return x[1] & 1 == 1
    end
    return math_abs(x) % 2 == 1
  end

  function bint.maxinteger()
    local x = unsigned(0)
    for i = 1, n - 1 do
      x[i] = mask
    end
    x[n] = mask ~ sign
    return x
  end

  function bint.mininteger()
    local x = unsigned(0)
    x[n] = sign
    return x
  end

  -- In place ----------------------------------------------------------------------------------------------------------

  --- One bit to the left, in place.
  function bint._shlone(self)
    for i = n, 2, -1 do
      self[i] = (self[i] << 1 | self[i - 1] >> (w - 1)) & mask
    end
    self[1] = (self[1] << 1) & mask
    return self
  end

  --- One bit to the right, in place.
  function bint._shrone(self)
    for i = 1, n - 1 do
      self[i] = (self[i] >> 1 | self[i + 1] << (w - 1)) & mask
    end
    self[n] = self[n] >> 1
    return self
  end

  --- n words to the left, in place.
  function bint._shlwords(self, n) -- luacheck: ignore 431 (the name shows in a message)
    for i = total, n + 1, -1 do
      self[i] = self[i - n]
    end
    for i = 1, n do
      self[i] = 0
    end
    return self
  end

  --- `count` words to the right, in place.
  function bint._shrwords(self, count)
    if count < n then
      for i = 1, n - count do
        self[i] = self[i + count]
      end
      for i = n - count + 1, n do
        self[i] = 0
      end
    else
      for i = 1, n do
        self[i] = 0
      end
    end
    return self
  end

  local function increment(self)
    for i = 1, n do
      local tmp = self[i]
      local v = (tmp + 1) & mask
      self[i] = v
      if v ~= 0 then
        break
      end
    end
    return self
  end
  bint._inc = increment

  function bint._dec(self)
    for i = 1, n do
      local tmp = self[i]
      local v = (tmp - 1) & mask
      self[i] = v
      if v ~= mask then
        break
      end
    end
    return self
  end

  function bint._assign(self, y)
    y = integral(y)
    for i = 1, n do
      self[i] = y[i]
    end
    return self
  end

  function bint._abs(self)
    if self:isneg() then
      self:_unm()
    end
    return self
  end

  function bint._add(self, y)
    y = integral(y)
    local carry = 0
    for i = 1, n do
      carry = self[i] + y[i] + carry
      self[i] = carry & mask
      carry = carry >> w
    end
    return self
  end

  function bint._sub(self, y)
    y = integral(y)
    local borrow = 0
    for i = 1, n do
      borrow = self[i] - y[i] - borrow
      self[i] = borrow & mask
      borrow = borrow >> 63
    end
    return self
  end

  function bint._band(self, y)
    y = integral(y)
    for i = 1, n do
      self[i] = self[i] & y[i]
    end
    return self
  end

  function bint._bor(self, y)
    y = integral(y)
    for i = 1, n do
      self[i] = self[i] | y[i]
    end
    return self
  end

  function bint._bxor(self, y)
    y = integral(y)
    for i = 1, n do
      self[i] = self[i] ~ y[i]
    end
    return self
  end

  function bint._bnot(self)
    for i = 1, n do
      self[i] = ~self[i] & mask
    end
    return self
  end

  function bint._unm(self)
    return self:_bnot():_inc()
  end

  -- Arithmetic --------------------------------------------------------------------------------------------------------

  --- x + 1: a bint, or a number where x is one that is no integer.
  function bint.inc(x)
    local y = tobint(x, true)
    if y then
      return increment(y)
    end
    return x + 1
  end

  --- x - 1: a bint, or a number where x is one that is no integer.
  function bint.dec(x)
    local y = tobint(x, true)
    if y then
      return bint._dec(y)
    end
    return x - 1
  end

  local function abs(x)
    local y = tobint(x)
    if y then
      return isnegative(y) and negative(y) or copy(y)
    end
    return math_abs(x)
  end
  bint.abs = abs

  function bint.floor(x)
    if getmetatable(x) == bint then
      return copy(x)
    end
    return new(math_floor(tonumber(x)))
  end

  function bint.ceil(x)
    if getmetatable(x) == bint then
      return copy(x)
    end
    return new(math_ceil(tonumber(x)))
  end

  --- x without its fraction; nothing when no integer of Lua holds that.
  function bint.trunc(x)
    if getmetatable(x) == bint then
      return copy(x)
    end
    local y = tonumber(x)
    if y then
      if math_type(y) == "float" then
        y = math_modf(y)
      end
      return frominteger(y)
    end
  end

  --- x < y for the plain values of max and min; the complaint about a nil has no position.
  local function precedes(x, y)
    if (x == nil or y == nil) and getmetatable(x) ~= bint and getmetatable(y) ~= bint then
      local kinds = type(x) == type(y) and "two " .. type(x) .. " values" or type(x) .. " with " .. type(y)
      error("attempt to compare " .. kinds, 0)
    elseif x == nil or y == nil then
      return less(x, y)
    end
    -- In C, where a complaint has no position either.
    local pair = { y, x }
    sort(pair)
    return pair[1] == x and pair[2] == y and not (rawequal(x, y) or x == y)
  end

  --- The larger of two: a new bint, or the number that is no integer.
  function bint.max(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return copy(less(a, b) and b or a)
    end
    return parse(precedes(x, y) and y or x)
  end

  --- The smaller of two: a new bint, or the number that is no integer.
  function bint.min(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return copy(less(b, a) and b or a)
    end
    return parse(precedes(y, x) and y or x)
  end

  function slow.add(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return add(a, b)
    end
    return bintnumber(x) + bintnumber(y)
  end

  function slow.sub(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return subtract(a, b)
    end
    return bintnumber(x) - bintnumber(y)
  end

  function slow.mul(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return multiply(a, b)
    end
    return bintnumber(x) * bintnumber(y)
  end

  bint.__add, bint.__sub, bint.__mul = add, subtract, multiply

  function bint.__unm(x)
    if getmetatable(x) == bint then
      return negative(x)
    end
    return (~x)._inc(~x)
  end

  --- Quotient and remainder of unsigned u / v where v needs more than a short division: Knuth's algorithm D, with the
  -- divisor shifted so that its top word is in 2^(w-2)…2^(w-1)-1: then two words by one never leave 63 bits.
  local function longdivision(x, y)
    local xtop, ytop = n, n
    while xtop > 1 and x[xtop] == 0 do
      xtop = xtop - 1
    end
    while y[ytop] == 0 do
      ytop = ytop - 1
    end
    if xtop < ytop then
      return unsigned(0), copy(x)
    end
    local shift = w - 1
    if y[ytop] & sign == 0 then
      shift = 0
      while y[ytop] << shift < sign >> 1 do
        shift = shift + 1
      end
    end
    local back = w - shift
    local u, v = {}, {}
    local before = 0
    for i = 1, xtop do
      local word = x[i]
      u[i] = (word << shift | before >> back) & mask
      before = word
    end
    u[xtop + 1] = before >> back
    u[xtop + 2] = 0
    before = 0
    for i = 1, ytop do
      local word = y[i]
      v[i] = (word << shift | before >> back) & mask
      before = word
    end
    local m = ytop
    if before >> back ~= 0 then
      m = m + 1
      v[m] = before >> back
    end
    local v1, v2 = v[m], v[m - 1]
    local q = unsigned(0)
    for j = xtop + 1 - m, 0, -1 do
      local top = u[j + m + 1] << w | u[j + m]
      local digit = top // v1
      if digit > mask then
        digit = mask
      end
      local rest = top - digit * v1
      local third = u[j + m - 1]
      while rest <= mask and ult(rest << w | third, digit * v2) do
        digit = digit - 1
        rest = rest + v1
      end
      if digit ~= 0 then
        local carry = 0
        for i = 1, m do
          local p = digit * v[i] + carry
          local t = u[i + j] - (p & mask)
          u[i + j] = t & mask
          carry = (p >> w) + (t >> 63)
        end
        local t = u[j + m + 1] - carry
        u[j + m + 1] = t & mask
        if t < 0 then
          digit = digit - 1
          carry = 0
          for i = 1, m do
            carry = u[i + j] + v[i] + carry
            u[i + j] = carry & mask
            carry = carry >> w
          end
          u[j + m + 1] = (u[j + m + 1] + carry) & mask
        end
        q[j + 1] = digit
      end
    end
    local r = unsigned(0)
    for i = 1, ytop do
      r[i] = (u[i] >> shift | u[i + 1] << back) & mask
    end
    return q, r
  end

  --- Quotient and remainder of two bints taken as unsigned.
  local function divide(x, y)
    local b = small(y)
    if b then
      if b == 0 then
        error("attempt to divide by zero")
      end
      local a = small(x)
      if a then
        local q = a // b
        return unsigned(q), unsigned(a - q * b)
      end
      if b < 1 << (63 - w) then
        local q = copy(x)
        return q, unsigned(shorten(q, b))
      end
    end
    return longdivision(x, y)
  end

  --- x // y and x % y, both taken as unsigned.
  local function udivmod(x, y)
    x = new(x)
    y = integral(y)
    return divide(x, y)
  end
  bint.udivmod = udivmod

  function bint.udiv(x, y)
    return (udivmod(x, y))
  end

  function bint.umod(x, y)
    local _, r = udivmod(x, y)
    return r
  end

  --- Quotient and remainder, rounded towards zero.
  local function tdivmod(x, y)
    local ax, ay = abs(x), abs(y)
    local a, b = tobint(ax), tobint(ay)
    local q, r
    if a and b then
      q, r = divide(a, b)
    else
      q, r = ax // ay, ax % ay
    end
    local xneg, yneg = isneg(x), isneg(y)
    if xneg ~= yneg then
      q = -q
    elseif a and b and isnegative(q) then
      error("division overflow")
    end
    if xneg then
      r = -r
    end
    return q, r
  end
  bint.tdivmod = tdivmod

  function bint.tdiv(x, y)
    return (tdivmod(x, y))
  end

  function bint.tmod(x, y)
    local _, r = tdivmod(x, y)
    return r
  end

  --- Quotient and remainder of two bints, rounded down.
  local function floordivide(x, y)
    local xneg, yneg = isnegative(x), isnegative(y)
    if not (xneg or yneg) then
      return divide(x, y)
    end
    local q, r = divide(xneg and negative(x) or x, yneg and negative(y) or y)
    if xneg ~= yneg then
      if allzero(r) then
        return negative(q), r
      end
      -- -(q + 1) is ~q
      q = kernel.bnot(q)
      if yneg then
        return q, add(r, y)
      end
      return q, subtract(y, r)
    end
    return q, negative(r)
  end

  --- Quotient and remainder, rounded down: numbers where one of the two is no integer.
  local function idivmod(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return floordivide(a, b)
    end
    local nx, ny = bintnumber(x), bintnumber(y)
    return nx // ny, nx % ny
  end
  bint.idivmod = idivmod

  function bint.__idiv(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      -- A direct call sees a second value in the reference, the remainder of the magnitudes.
      local xneg, yneg = isnegative(a), isnegative(b)
      local q, r = divide(xneg and negative(a) or a, yneg and negative(b) or b)
      if xneg ~= yneg then
        q = allzero(r) and negative(q) or kernel.bnot(q)
      end
      return q, r
    end
    return bintnumber(x) // bintnumber(y)
  end

  function bint.__mod(x, y)
    local _, r = idivmod(x, y)
    return r
  end

  function bint.__div(x, y)
    return bintnumber(x) / bintnumber(y)
  end

  function bint.__pow(x, y)
    return bintnumber(x) ^ bintnumber(y)
  end

  --- x to the power of y, y taken as unsigned.
  function bint.ipow(x, y)
    y = integral(y)
    if allzero(y) then
      return unsigned(1)
    end
    x = new(x)
    local e = small(y)
    local z
    if e then
      while true do
        if e & 1 == 1 then
          z = z and multiply(z, x) or copy(x)
        end
        e = e >> 1
        if e == 0 then
          return z
        end
        x = multiply(x, x)
      end
    end
    z = unsigned(1)
    for i = 1, n do
      local word = y[i]
      for bit = 0, w - 1 do
        if word >> bit & 1 == 1 then
          z = multiply(z, x)
        end
        x = multiply(x, x)
      end
    end
    return z
  end

  --- x to the power of y modulo m, all unsigned; its products wrap at the width.
  function bint.upowmod(x, y, m)
    m = integral(m)
    if small(m) == 1 then
      return unsigned(0)
    end
    x, y = new(x), new(y)
    local _
    _, x = divide(x, m)
    local z, top = unsigned(1), n
    while top > 0 and y[top] == 0 do
      top = top - 1
    end
    for i = 1, top do
      local word = y[i]
      for bit = 0, w - 1 do
        if word >> bit & 1 == 1 then
          _, z = divide(multiply(z, x), m)
        end
        if i == top and word >> bit <= 1 then
          break
        end
        _, x = divide(multiply(x, x), m)
      end
    end
    return z
  end

  -- Bits --------------------------------------------------------------------------------------------------------------

  --- x shifted left by 0 ≤ y < bits, a new bint.
  local function leftby(x, y)
    local z = unsigned(0)
    local words, s = y // w, y % w
    local before, back = 0, w - s
    for i = 1, n - words do
      local word = x[i]
      z[i + words] = (word << s | before >> back) & mask
      before = word
    end
    return z
  end

  --- x shifted right by 0 ≤ y < bits without its sign, a new bint.
  local function rightby(x, y)
    local z = unsigned(0)
    local words, s = y // w, y % w
    local above, back = 0, w - s
    for i = n, words + 1, -1 do
      local word = x[i]
      z[i - words] = (word >> s | above << back) & mask
      above = word
    end
    return z
  end

  local width = n * w

  --- x shifted by y to the left, or to the right when y is negative.
  local function shift(x, y)
    if y >= 0 then
      return y < width and leftby(x, y) or unsigned(0)
    end
    return y > -width and rightby(x, -y) or unsigned(0)
  end

  function bint.__shl(x, y)
    x = new(x)
    y = assertinteger(y)
    return shift(x, y)
  end

  function bint.__shr(x, y)
    x = new(x)
    y = assertinteger(y)
    return shift(x, y == MININTEGER and -width or -y)
  end

  --- The low y bits of x.
  function bint.bwrap(x, y)
    x = integral(x)
    if y <= 0 then
      return unsigned(0)
    elseif y < bits then
      local count = assertinteger(y)
      local z = copy(x)
      local words, s = count // w, count % w
      z[words + 1] = z[words + 1] & (1 << s) - 1
      for i = words + 2, n do
        z[i] = 0
      end
      return z
    end
    return copy(x)
  end

  --- x with its bits turned y to the left (the reference's: y is not taken modulo the width).
  local function rotate(x, y)
    if y == 0 or y == MININTEGER then
      return x
    elseif y > 0 then
      return kernel.bor(shift(x, y), shift(x, y - width))
    end
    return kernel.bor(shift(x, y), shift(x, width + y))
  end

  function bint.brol(x, y)
    x = integral(x)
    y = assertinteger(y)
    return rotate(x, y)
  end

  function bint.bror(x, y)
    x = integral(x)
    y = assertinteger(y)
    return rotate(x, -y)
  end

  function bint.__band(x, y)
    if getmetatable(x) == bint and getmetatable(y) == bint then
      return kernel.band(x, y)
    end
    return new(x):_band(y)
  end

  function bint.__bor(x, y)
    if getmetatable(x) == bint and getmetatable(y) == bint then
      return kernel.bor(x, y)
    end
    return new(x):_bor(y)
  end

  function bint.__bxor(x, y)
    if getmetatable(x) == bint and getmetatable(y) == bint then
      return kernel.bxor(x, y)
    end
    return new(x):_bxor(y)
  end

  bint.__bnot = kernel.bnot

  -- Comparison --------------------------------------------------------------------------------------------------------

  bint.__eq = equal

  --- Whether x and y are the same number.
  function bint.eq(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return equal(a, b)
    end
    return x == y
  end

  --- x < y, both taken as unsigned.
  function bint.ult(x, y)
    x, y = integral(x), integral(y)
    return below(x, y)
  end

  --- x <= y, both taken as unsigned.
  function bint.ule(x, y)
    x, y = integral(x), integral(y)
    return not below(y, x)
  end

  function slow.lt(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return less(a, b)
    end
    return bintnumber(x) < bintnumber(y)
  end

  function slow.le(x, y)
    local a, b = tobint(x), tobint(y)
    if a and b then
      return lessequal(a, b)
    end
    return bintnumber(x) <= bintnumber(y)
  end

  bint.__lt, bint.__le = less, lessequal

  function bint.__tostring(self)
    if getmetatable(self) == bint then
      if isnegative(self) then
        return "-" .. decimal(negative(self))
      end
      return decimal(self)
    end
    return self:tobase(10, false)
  end

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
