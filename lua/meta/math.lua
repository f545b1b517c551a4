---@meta _

-- The functions of older Luas that a process has beside those of Lua 5.3.

---The angle of the point (x, y), in radians, from -pi to pi.
---@param y number The second coordinate.
---@param x number The first coordinate.
---@return number angle The angle.
function math.atan2(y, x) end

---The hyperbolic cosine.
---@param x number Any number.
---@return number value The cosine.
function math.cosh(x) end

---The hyperbolic sine.
---@param x number Any number.
---@return number value The sine.
function math.sinh(x) end

---The hyperbolic tangent.
---@param x number Any number.
---@return number value The tangent.
function math.tanh(x) end

---Splits a number: x is m * 2^e, and the absolute value of m is in [0.5, 1), or m is 0.
---@param x number Any number.
---@return number m The fraction.
---@return integer e The exponent.
function math.frexp(x) end

---m * 2^e, the inverse of `frexp`.
---@param m number The fraction.
---@param e integer The exponent.
---@return number x The number.
function math.ldexp(m, e) end

---The logarithm to the base 10.
---@param x number A number above 0.
---@return number value The logarithm.
function math.log10(x) end

---x to the power of y: always a float, as `x ^ y`.
---@param x number The base.
---@param y number The exponent.
---@return number value The power.
function math.pow(x, y) end

---A random number that is the same on every node of the network: real in [0, 1) without arguments.
---@param m integer The lowest; with one argument it is 1, and this is the highest.
---@param n integer The highest.
---@return integer number A whole number in m … n.
---@overload fun(): number
---@overload fun(m: integer): integer
function math.random(m, n) end

---Does nothing: the network seeds the random numbers, with the first message.
function math.randomseed() end

return math
