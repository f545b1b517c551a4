--- Questions about one integer; the largest and the smallest one.
-- Part of a class (`lua/bint.lua`); gives `isneg`.

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
