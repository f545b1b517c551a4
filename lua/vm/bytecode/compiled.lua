--- What becomes of each text that has been compiled: it is noted, for who saves the state; builtins keep the frames that
--- tail calls of them would lose (`tail_calls.lua`, which is large and read when it is first needed); and every function
--- that is made is a new one (`distinct.lua`).

local vm = ...

local distinct = vm.distinct

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

local TAIL_CALLS = { "bytecode/builtins", "bytecode/reading", "bytecode/meaning", "bytecode/tail_calls" }

--- Reads what has to be done about tail calls, if it is not there yet.
function vm.fetch_tail_calls()
  vm.fetch(TAIL_CALLS)
end

-- Uncounted, as all that is done only once.
local fetch = vm.aside(vm.fetch_tail_calls)

--- Texts that have been compiled since the state was last saved: source and chunk name by turns. Functions are written
--- down as a place in one of them.
local texts = { first = 1, last = 0, bytes = 0 }
vm.texts = texts
--- More than this is not kept: what it made cannot be written down then, only made again by its messages.
local MOST_BYTES, MOST_TEXTS = 8 << 20, 100000

local function note(source, chunk)
  local last, bytes = texts.last + 1, texts.bytes + #source
  if bytes > MOST_BYTES or last - texts.first > MOST_TEXTS then
    for i = 2 * texts.first - 1, 2 * texts.last do
      texts[i] = nil
    end
    texts.first, texts.last, texts.bytes = 1, 0, 0
    return
  end
  texts.last, texts.bytes = last, bytes
  texts[2 * last - 1], texts[2 * last] = source, chunk
end

--- What Lua's `load` has just made of text, in which tail calls of builtins leave the caller's frame on the stack.
-- @param f function|nil a main function
-- @param source string the text
-- @param err any passed on when there is no function
-- @param chunk string|nil the chunk's name, for a text that is new
function vm.keep_frames(f, source, err, chunk)
  if not f then
    return nil, err
  end
  if chunk then
    note(source, chunk)
  end
  if likely(source) then
    if not vm.without_tail_calls then
      local ok, problem = fetch()
      if not ok then
        error(problem, 0)
      end
    end
    f = vm.without_tail_calls(f, source)
  end
  return distinct(f, source)
end
