--- Random numbers that every node of the network draws alike: the Mersenne Twister MT19937.

local error, floor = error, math.floor

local SIZE, SHIFT = 624, 397

local chance = {}

-- state[0 … 623], and the place of the next draw. The seed is spread over the state when the
-- first number is drawn: most processes never draw one.
local state, at, pending = {}, 0, 5489

local function spread(seed)
  local word = seed
  state[0] = word
  for i = 1, SIZE - 1 do
    word = (0x6c078965 * (word ~ (word >> 30)) + i) & 0xffffffff
    state[i] = word
  end
  at, pending = 0, nil
end

--- Start the stream of numbers of this seed.
function chance.seed(s)
  pending = s & 0xffffffff
end

--- A real number in [0, 1), from one draw of 32 bits.
function chance.random()
  if pending then
    spread(pending)
  end
  -- The state's words are renewed one by one, as they are drawn.
  local i = at
  local following = i + 1
  if following == SIZE then
    following = 0
  end
  local far = i + SHIFT
  if far >= SIZE then
    far = far - SIZE
  end
  local mixed = (state[i] & 0x80000000) | (state[following] & 0x7fffffff)
  local word = state[far] ~ (mixed >> 1)
  if mixed & 1 == 1 then
    word = word ~ 0x9908b0df
  end
  state[i], at = word, following
  word = word ~ (word >> 11)
  word = word ~ ((word << 7) & 0x9d2c5680)
  word = word ~ ((word << 15) & 0xefc60000)
  return (word ~ (word >> 18)) / 4294967296
end
local random = chance.random

--- A whole number in min … max.
function chance.integer(min, max)
  -- (Nothing is in order with NaN.)
  if max >= min then
    return floor(random() * (max - min + 1) + min)
  end
  error("max must bigger than min")
end

return chance
