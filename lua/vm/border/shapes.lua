-- Messages by shape. Messages of one kind have the same keys and the same tag names; so the work that depends on
-- names alone (Title-Case, which tags reach the root, the first of equal names) is done once for a shape, and a
-- message is made by one function of its values: table constructors, and no loop.
local vm = ...

local concat, format, load, tostring = table.concat, string.format, load, tostring
local next, type, math_type, ipairs = next, type, math.type, ipairs

local shapes = {}

-- A function of Lua takes at most about 250 registers.
local MAX_VALUES = 120

local function quote(name)
  -- %q leaves a line break after a backslash, which is still one string; bytes are kept.
  return format("%q", name)
end

local function parameters(count)
  local names = {}
  for i = 1, count do
    names[i] = "v" .. i
  end
  return concat(names, ",")
end

local function tag_array(tags, first)
  local parts = {}
  for i, name in ipairs(tags) do
    parts[i] = format("{name=%s,value=v%d}", quote(name), first + i)
  end
  return "{" .. concat(parts, ",") .. "}"
end

local function compile(count, body)
  local code = format("local %s = ... return %s", parameters(count), body)
  if count == 0 then
    code = "return " .. body
  end
  return load(code, "=ao.vm", "t", {})
end

--- A function that makes the message as the network sends it: `roots` (names, no Tags) and `tags` (names), values in that order.
function shapes.raw(roots, tags)
  local count = #roots + #tags
  if count > MAX_VALUES then
    return nil
  end
  local parts = {}
  for i, name in ipairs(roots) do
    parts[i] = format("[%s]=v%d", quote(name), i)
  end
  parts[#parts + 1] = "Tags=" .. tag_array(tags, #roots)
  return compile(count, "{" .. concat(parts, ",") .. "}")
end

--- A function that makes the message as handlers see it (names normalised, tags copied to the root, `TagArray`, `Tags`).
-- `title` makes a name Title-Case, or is nil where the dialect keeps names; `kept` is the set of names that stay tags only.
function shapes.prepared(roots, tags, title, kept)
  local count = #roots + #tags
  if count > MAX_VALUES then
    return nil
  end
  local root, order = {}, {}
  local function set(name, index)
    if not root[name] then
      order[#order + 1] = name
    end
    root[name] = index
  end
  for i, name in ipairs(roots) do
    local final = title and title(name) or name
    if root[final] or final == "Tags" then
      return nil -- two keys become one: which of them wins is no matter of shape
    end
    set(final, i)
  end
  local first, names, firsts = {}, {}, {}
  for i, name in ipairs(tags) do
    local final = title and title(name) or name
    names[i] = final
    if not kept[final] then
      set(final, #roots + i)
    end
    if not first[final] then
      first[final] = #roots + i
      firsts[#firsts + 1] = final
    end
  end
  local parts = {}
  for _, name in ipairs(order) do
    if name ~= "TagArray" and name ~= "Tags" then
      parts[#parts + 1] = format("[%s]=v%d", quote(name), root[name])
    end
  end
  local map = {}
  for i, name in ipairs(firsts) do
    map[i] = format("[%s]=v%d", quote(name), first[name])
  end
  parts[#parts + 1] = "TagArray=" .. tag_array(names, #roots)
  parts[#parts + 1] = "Tags={" .. concat(map, ",") .. "}"
  return compile(count, "{" .. concat(parts, ",") .. "}")
end

local function literal(value, depth)
  local kind = type(value)
  if kind == "string" then
    return quote(value)
  elseif kind == "number" then
    if math_type(value) == "integer" then
      return format("%d", value)
    end
    return value == value and value ~= 1 / 0 and value ~= -1 / 0 and format("%.17g", value) or nil
  elseif kind == "boolean" then
    return tostring(value)
  elseif kind ~= "table" or depth > 20 then
    return nil
  end
  local parts = {}
  for i = 1, #value do
    parts[i] = literal(value[i], depth + 1)
    if not parts[i] then
      return nil
    end
  end
  local array = #parts
  for key, item in next, value do
    if not (math_type(key) == "integer" and key >= 1 and key <= array) then
      local name, text = literal(key, depth + 1), literal(item, depth + 1)
      if not name or not text then
        return nil
      end
      parts[#parts + 1] = "[" .. name .. "]=" .. text
    end
  end
  return "{" .. concat(parts, ",") .. "}"
end

--- A function that makes a new table equal to `value` at every call; `remake()` is the slow way, where no constructor can be written.
function shapes.constant(value, remake)
  local text = literal(value, 1)
  local make = text and load("return " .. text, "=ao.vm", "t", {})
  return make or remake
end

vm.shapes = shapes
