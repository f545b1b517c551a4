--- The kernel of all other widths and word sizes: the same functions on words as the unrolled one has, with loops.
-- Part of `lua/bint.lua`; gives `looped`.

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
