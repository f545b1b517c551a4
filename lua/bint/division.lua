--- Quotients and remainders: unsigned, rounded towards zero, and rounded down.
-- Part of a class (`lua/bint.lua`); gives `divide`.

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
