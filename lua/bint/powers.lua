--- Powers, and powers modulo a number. Part of a class (`lua/bint.lua`).

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
