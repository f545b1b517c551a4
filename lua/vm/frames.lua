--- Whether compiled source has tail calls that would lose a frame: a quick look. What then has to be done is in
--- `tailcalls.lua`, which is large and read when it is first needed.

local vm = ...

local find, match, error = string.find, string.match, error

--- Whether there may be a tail call in the source: a quick look.
local function likely(source)
  local at = 1
  while true do
    local _, last = find(source, "return", at, true)
    if not last then
      return false
    end
    local name, rest = match(source, "^%s*([%w_]*)%s*([%(%.:\"'{%[%-]?)", last + 1)
    if rest ~= "" and name ~= "function" then
      return true
    end
    at = last + 1
  end
end

-- Uncounted, as all that is done only once.
local fetch = vm.aside(function()
  vm.part("tailcalls")
end)

--- What Lua's `load` has just made of text, in which tail calls of builtins leave the caller's frame on the stack.
-- @param f function|nil a main function
-- @param source string the text
-- @param err any passed on when there is no function
function vm.keep_frames(f, source, err)
  if not f then
    return nil, err
  end
  if not likely(source) then
    return f
  end
  if not vm.without_tail_calls then
    local ok, problem = fetch()
    if not ok then
      error(problem, 0)
    end
  end
  return vm.without_tail_calls(f, source)
end
