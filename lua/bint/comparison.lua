--- Order and equality, and what an integer reads as. Part of a class (`lua/bint.lua`).

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
