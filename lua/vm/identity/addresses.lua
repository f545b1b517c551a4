--- Who an object is: its address. Nothing of it comes from where objects lie in memory.

local vm = ...

local setmetatable, next = setmetatable, next
local sort = table.sort

local addresses = setmetatable({}, { __mode = "k" })
local last_address = 0x10000000
local STEP = 0x20

--- The number that stands for an object: the next free one when it is first asked for.
local function address(object)
  local known = addresses[object]
  if known then
    return known
  end
  last_address = last_address + STEP
  addresses[object] = last_address
  return last_address
end
vm.address = address

--- The same, but for an object that nobody has asked about it is 0: to look must not leave a trace.
function vm.peek(object)
  return addresses[object] or 0
end

--- Object → its address.
vm.addresses = addresses

--- The addresses given last, and of these objects: the last one, objects and addresses in order.
function vm.given_addresses(among)
  local given = {}
  for object in next, addresses do
    if among[object] then
      given[#given + 1] = object
    end
  end
  sort(given, function(a, b)
    return addresses[a] < addresses[b]
  end)
  local numbers = {}
  for i = 1, #given do
    numbers[i] = addresses[given[i]]
  end
  return last_address, given, numbers
end

--- What orders objects, which few processes need: read when that is first done.
local ORDER = { "identity/description", "identity/encounter", "identity/settle" }

--- The functions of these parts (uncounted, all of them).
function vm.identity()
  vm.fetch(ORDER)
  return vm.ordering
end

--- Whether this may be one of them.
function vm.is_address(number)
  return number >= 0x10000000 and number < 1 << 48 and number % STEP == 0
end

--- Takes over what `given_addresses` has told.
function vm.give_addresses(last, objects, numbers)
  last_address = last
  for i = 1, #objects do
    addresses[objects[i]] = numbers[i]
  end
end
