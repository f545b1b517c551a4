--- The kernel of the usual widths as text: straight code for the width, no loops, words in locals, carries in the upper
--- half of Lua's 64-bit integers. Part of `lua/bint.lua`; gives `unrolledsource`.

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
