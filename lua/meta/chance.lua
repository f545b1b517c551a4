---@meta

---Random numbers that every node of the network draws alike (MT19937): `require(".chance")`. `math.random` draws from them.
---@class chance
local chance = {}

---Starts the stream of numbers of this seed.
---@param seed integer The seed; its low 32 bits count.
function chance.seed(seed) end

---A real number in [0, 1).
---@return number number The number.
function chance.random() end

---A whole number in min … max.
---@param min integer The lowest.
---@param max integer The highest.
---@return integer number The number.
function chance.integer(min, max) end

return chance
