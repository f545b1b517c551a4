---@meta

---What stands for a whole number: a bint of the same class, an integer, a float without a fraction, or a text such as
---`"-12"` or `"0xff"`.
---@alias bint.Integral bint|number|string

---Integers of a fixed width, in two's complement: `local bint = require(".bint")(256)`. The class and its numbers are of
---one type: what the class has, every number has too, so `x:tobase(16)` and `bint.tobase(x, 16)` are the same.
---
---Arithmetic wraps at the width. With a number that is no integer it gives a number, as `/` and `^` always do.
---@class bint
---@field bits integer The width in bits.
---@field [integer] integer A number's words, the lowest first.
---@operator call(bint.Integral): bint
---@operator add(bint): bint
---@operator add(integer): bint
---@operator add(string): bint
---@operator add(number): number
---@operator sub(bint): bint
---@operator sub(integer): bint
---@operator sub(string): bint
---@operator sub(number): number
---@operator mul(bint): bint
---@operator mul(integer): bint
---@operator mul(string): bint
---@operator mul(number): number
---@operator idiv(bint): bint
---@operator idiv(integer): bint
---@operator idiv(string): bint
---@operator idiv(number): number
---@operator mod(bint): bint
---@operator mod(integer): bint
---@operator mod(string): bint
---@operator mod(number): number
---@operator div(bint.Integral): number
---@operator pow(bint.Integral): number
---@operator unm: bint
---@operator shl(bint.Integral): bint
---@operator shr(bint.Integral): bint
---@operator band(bint.Integral): bint
---@operator bor(bint.Integral): bint
---@operator bxor(bint.Integral): bint
---@operator bnot: bint
local bint = {}

-- Constructors --------------------------------------------------------------------------------------------------------

---A new number: `bint.new(x)`, or `bint(x)`. What is no whole number is an error.
---@param x bint.Integral What it is to be.
---@return bint number The number.
function bint.new(x) end

---A new 0.
---@return bint number The number.
function bint.zero() end

---A new 1.
---@return bint number The number.
function bint.one() end

---The number of an integer of Lua.
---@param x integer|string The integer, or its text.
---@return bint? number The number; nothing when x is no integer.
function bint.frominteger(x) end

---The number of an integer of Lua whose 64 bits are taken as unsigned.
---@param x integer|string The integer, or its text.
---@return bint? number The number; nothing when x is no integer.
function bint.fromuinteger(x) end

---The number that a text is: decimal, `0x…` or `0b…`, with a sign.
---@param s string The text.
---@return bint? number The number; nothing when the text is none.
function bint.fromstring(s) end

---The number that a text of digits is, with a sign.
---@param s string The digits.
---@param base? integer Their base, 2 … 36; 10 when left out.
---@return bint? number The number; nothing when the text is none.
function bint.frombase(s, base) end

---The number of bytes, the lowest first.
---@param buffer string The bytes.
---@return bint number The number.
function bint.fromle(buffer) end

---The number of bytes, the highest first.
---@param buffer string The bytes.
---@return bint number The number.
function bint.frombe(buffer) end

---x as a number of this class, where it is a whole number.
---@param x any What it is to be.
---@param clone? boolean Whether a number of this class is copied rather than returned itself.
---@return bint? number The number; nothing when x is none.
function bint.tobint(x, clone) end

---x as a number of this class, or else as a number of Lua.
---@param x any What it is to be.
---@param clone? boolean Whether a number of this class is copied rather than returned itself.
---@return bint|number|nil number The number; nil when x is none.
function bint.parse(x, clone) end

---x without its fraction.
---@param x bint.Integral The number.
---@return bint? number The number; nothing when no integer of Lua holds it.
function bint.trunc(x) end

---The largest number of the width: 2^(bits - 1) - 1.
---@return bint number The number.
function bint.maxinteger() end

---The smallest number of the width: -2^(bits - 1).
---@return bint number The number.
function bint.mininteger() end

-- Conversions ---------------------------------------------------------------------------------------------------------

---The low 64 bits as an integer of Lua.
---@param x bint.Integral The number.
---@return integer? integer The integer; nothing when x is no whole number.
function bint.tointeger(x) end

---The low 64 bits as an integer of Lua, to be taken as unsigned.
---@param x bint.Integral The number.
---@return integer? integer The integer; nothing when x is no whole number.
function bint.touinteger(x) end

---The number of Lua: an integer where 64 bits hold it, else the nearest float.
---@param x bint.Integral The number.
---@return number? number The number; nil when x is none.
function bint.tonumber(x) end

---The number's digits.
---@param x bint.Integral The number.
---@param base? integer Their base, 2 … 36; 10 when left out.
---@param unsigned? boolean Whether it is taken as unsigned; when left out, in every base but 10.
---@return string? digits The digits; nothing when x is no whole number or the base is none.
function bint.tobase(x, base, unsigned) end

---The number's bytes, the lowest first.
---@param x bint.Integral The number.
---@param trim? boolean Whether the zeros at the end are left out.
---@return string bytes The bytes.
function bint.tole(x, trim) end

---The number's bytes, the highest first.
---@param x bint.Integral The number.
---@param trim? boolean Whether the zeros at the start are left out.
---@return string bytes The bytes.
function bint.tobe(x, trim) end

-- Tests ---------------------------------------------------------------------------------------------------------------

---Whether x is a number of this class.
---@param x any Any value.
---@return boolean is Whether it is.
function bint.isbint(x) end

---Whether x is a number of this class or an integer of Lua.
---@param x any Any value.
---@return boolean is Whether it is.
function bint.isintegral(x) end

---Whether x is a number of this class or of Lua.
---@param x any Any value.
---@return boolean is Whether it is.
function bint.isnumeric(x) end

---Which kind of number x is.
---@param x any Any value.
---@return "bint"|"integer"|"float"|nil kind Its kind; nil when it is no number.
function bint.type(x) end

---Whether x is 0.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.iszero(x) end

---Whether x is 1.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.isone(x) end

---Whether x is -1.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.isminusone(x) end

---Whether x is below 0.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.isneg(x) end

---Whether x is above 0.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.ispos(x) end

---Whether x is even.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.iseven(x) end

---Whether x is odd.
---@param x bint|number The number.
---@return boolean is Whether it is.
function bint.isodd(x) end

---Whether x and y are the same number. `==` is always false between a number of this class and one of Lua.
---@param x any One.
---@param y any The other.
---@return boolean equal Whether they are.
function bint.eq(x, y) end

---Whether x is below y, both taken as unsigned.
---@param x bint.Integral One.
---@param y bint.Integral The other.
---@return boolean below Whether it is.
function bint.ult(x, y) end

---Whether x is y or below it, both taken as unsigned.
---@param x bint.Integral One.
---@param y bint.Integral The other.
---@return boolean below Whether it is.
function bint.ule(x, y) end

-- Arithmetic ----------------------------------------------------------------------------------------------------------

---The absolute value: a new number, or one of Lua where x is no integer.
---@param x bint.Integral The number.
---@return bint|number value The value.
function bint.abs(x) end

---x + 1: a new number, or one of Lua where x is no integer.
---@param x bint.Integral The number.
---@return bint|number value The value.
function bint.inc(x) end

---x - 1: a new number, or one of Lua where x is no integer.
---@param x bint.Integral The number.
---@return bint|number value The value.
function bint.dec(x) end

---The largest whole number that is not above x.
---@param x bint.Integral The number.
---@return bint value A new number.
function bint.floor(x) end

---The smallest whole number that is not below x.
---@param x bint.Integral The number.
---@return bint value A new number.
function bint.ceil(x) end

---The larger of two numbers: a new number, or one of Lua where it is no integer.
---@param x bint.Integral One.
---@param y bint.Integral The other.
---@return bint|number value The larger.
function bint.max(x, y) end

---The smaller of two numbers: a new number, or one of Lua where it is no integer.
---@param x bint.Integral One.
---@param y bint.Integral The other.
---@return bint|number value The smaller.
function bint.min(x, y) end

---x to the power of y, exact but for wrapping; y is taken as unsigned.
---@param x bint.Integral The base.
---@param y bint.Integral The exponent.
---@return bint power The power.
function bint.ipow(x, y) end

---x to the power of y modulo m, all taken as unsigned. Its products wrap at the width.
---@param x bint.Integral The base.
---@param y bint.Integral The exponent.
---@param m bint.Integral The modulus.
---@return bint power The power.
function bint.upowmod(x, y, m) end

---Quotient and remainder, both numbers taken as unsigned.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint quotient The quotient.
---@return bint remainder The remainder.
function bint.udivmod(x, y) end

---The quotient, both numbers taken as unsigned.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint quotient The quotient.
function bint.udiv(x, y) end

---The remainder, both numbers taken as unsigned.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint remainder The remainder.
function bint.umod(x, y) end

---Quotient and remainder, rounded towards zero, as C does.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint|number quotient The quotient.
---@return bint|number remainder The remainder.
function bint.tdivmod(x, y) end

---The quotient, rounded towards zero, as C does.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint|number quotient The quotient.
function bint.tdiv(x, y) end

---The remainder of the division that rounds towards zero, as C does.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint|number remainder The remainder.
function bint.tmod(x, y) end

---Quotient and remainder, rounded down, as `//` and `%` do.
---@param x bint.Integral The dividend.
---@param y bint.Integral The divisor; 0 is an error.
---@return bint|number quotient The quotient.
---@return bint|number remainder The remainder.
function bint.idivmod(x, y) end

-- Bits ----------------------------------------------------------------------------------------------------------------

---The low bits of x.
---@param x bint.Integral The number.
---@param y integer How many bits.
---@return bint value A new number.
function bint.bwrap(x, y) end

---The bits of x turned to the left.
---@param x bint.Integral The number.
---@param y bint.Integral By how many bits.
---@return bint value The number.
function bint.brol(x, y) end

---The bits of x turned to the right.
---@param x bint.Integral The number.
---@param y bint.Integral By how many bits.
---@return bint value The number.
function bint.bror(x, y) end

-- In place: these change the number itself, and return it -------------------------------------------------------------

---Makes the number that of y.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._assign(x, y) end

---Adds y to the number.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._add(x, y) end

---Takes y away from the number.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._sub(x, y) end

---Adds 1 to the number.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._inc(x) end

---Takes 1 away from the number.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._dec(x) end

---Turns the number's sign.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._unm(x) end

---Makes the number its absolute value.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._abs(x) end

---Keeps the bits that are set in y as well.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._band(x, y) end

---Sets the bits that are set in y.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._bor(x, y) end

---Turns the bits over that are set in y.
---@param x bint The number; it is changed.
---@param y bint.Integral The other.
---@return bint x The same number.
function bint._bxor(x, y) end

---Turns all bits over.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._bnot(x) end

---Shifts the number by one bit to the left.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._shlone(x) end

---Shifts the number by one bit to the right, a zero coming in.
---@param x bint The number; it is changed.
---@return bint x The same number.
function bint._shrone(x) end

---Shifts the number by whole words to the left.
---@param x bint The number; it is changed.
---@param n integer How many words.
---@return bint x The same number.
function bint._shlwords(x, n) end

---Shifts the number by whole words to the right, zeros coming in.
---@param x bint The number; it is changed.
---@param n integer How many words.
---@return bint x The same number.
function bint._shrwords(x, n) end

---The class of integers of a width; the same class for the same width.
---@param bits? integer The width, a multiple of the words' and of 8; 256 when left out.
---@param wordbits? integer The width of a word, 8 … 32; 32 when left out.
---@return bint class The class.
local function newmodule(bits, wordbits) end

return newmodule
