--- Functions made anew, of the prototypes in the byte code of a text.

local vm = ...

local load = load
local rep, byte, pack, sub, char = string.rep, string.byte, string.pack, string.sub, string.char
local concat = table.concat

local prototypes, bytecode = vm.prototypes, vm.bytecode
local HEADER, FIRST, skip_string = bytecode.HEADER, bytecode.FIRST, bytecode.skip_string

local CLOSURE, RETURN = bytecode.CLOSURE, 38
local ENDS = rep("\0", 12)

--- So many functions are made by one function: each is in a register for a moment.
local AT_ONCE = 200

--- A function that returns functions of these prototypes, new ones at every call (`distinct.lua`). What a prototype says
--- of its upvalues (registers and upvalues of the function around it) is kept: they are there, and are to be joined to others.
local function maker(text, ordinals, first, last)
  local code = text.code
  local registers, uppermost = last - first, -1
  local closures, bodies = {}, {}
  for i = first, last do
    local f, k = text.functions[ordinals[i]], i - first
    for u = 0, f.upvalues - 1 do
      local in_stack, place = byte(code, f.upvalues_at + 2 * u, f.upvalues_at + 2 * u + 1)
      if in_stack == 1 then
        registers = place > registers and place or registers
      else
        uppermost = place > uppermost and place or uppermost
      end
    end
    closures[k + 1] = pack("<I4", CLOSURE | k << 6 | k << 14)
    -- no source: that of the function around it
    bodies[k + 1] = "\0" .. sub(code, f.body, f.stop)
  end
  local count, outer = last - first + 1, uppermost + 1
  -- In byte code the first source is that of all functions inside.
  local source = sub(code, FIRST, skip_string(code, FIRST) - 1)
  local around = concat({
    HEADER,
    char(outer),
    source,
    pack("<i4i4BBB", 0, 0, 0, 0, registers < 253 and registers + 2 or 255),
    pack("<i4", count + 1),
    concat(closures),
    pack("<I4", RETURN | (count + 1) << 23),
    pack("<i4", 0),
    pack("<i4", outer),
    rep("\0\0", outer),
    pack("<i4", count),
    concat(bodies),
    ENDS,
  })
  return load(around, "=ao.vm", "b", {})
end

--- A function of each of the prototypes of a text: a list as long as `ordinals`.
function prototypes.make(text, ordinals)
  local made = {}
  for first = 1, #ordinals, AT_ONCE do
    local last = first + AT_ONCE - 1 < #ordinals and first + AT_ONCE - 1 or #ordinals
    local some = { maker(text, ordinals, first, last)() }
    for i = first, last do
      made[i] = some[i - first + 1]
    end
  end
  return made
end

--- A function that makes a function of this prototype at each call.
function prototypes.maker(text, ordinal)
  return maker(text, { ordinal }, 1, 1)
end
