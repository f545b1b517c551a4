--- Operations that change the integer itself.
-- Part of a class (`lua/bint.lua`); gives `increment`.

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
