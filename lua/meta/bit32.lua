---@meta _

---Bits of 32-bit words, as in Lua 5.2. Arguments are taken modulo 2^32.
---@class bit32lib
bit32 = {}

---The word shifted to the right, its highest bit repeated; to the left when `disp` is negative.
---@param x integer The word.
---@param disp integer By how many bits.
---@return integer word The result.
function bit32.arshift(x, disp) end

---The bits that are set in all words.
---@param ... integer The words.
---@return integer word The result.
function bit32.band(...) end

---The word with every bit turned over.
---@param x integer The word.
---@return integer word The result.
function bit32.bnot(x) end

---The bits that are set in any of the words.
---@param ... integer The words.
---@return integer word The result.
function bit32.bor(...) end

---Whether some bit is set in all words.
---@param ... integer The words.
---@return boolean any Whether `band` of them is not 0.
function bit32.btest(...) end

---The bits that are set in an odd number of the words.
---@param ... integer The words.
---@return integer word The result.
function bit32.bxor(...) end

---A field of bits as a number.
---@param n integer The word.
---@param field integer Its lowest bit, from 0.
---@param width? integer How many bits; 1 when left out.
---@return integer value The field.
function bit32.extract(n, field, width) end

---The word rotated to the left; to the right when `disp` is negative.
---@param x integer The word.
---@param disp integer By how many bits.
---@return integer word The result.
function bit32.lrotate(x, disp) end

---The word shifted to the left; to the right when `disp` is negative.
---@param x integer The word.
---@param disp integer By how many bits.
---@return integer word The result.
function bit32.lshift(x, disp) end

---The word with a field of bits replaced.
---@param n integer The word.
---@param v integer What the field is to hold.
---@param field integer Its lowest bit, from 0.
---@param width? integer How many bits; 1 when left out.
---@return integer word The result.
function bit32.replace(n, v, field, width) end

---The word rotated to the right; to the left when `disp` is negative.
---@param x integer The word.
---@param disp integer By how many bits.
---@return integer word The result.
function bit32.rrotate(x, disp) end

---The word shifted to the right, zeros coming in; to the left when `disp` is negative.
---@param x integer The word.
---@param disp integer By how many bits.
---@return integer word The result.
function bit32.rshift(x, disp) end

return bit32
