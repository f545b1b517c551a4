---@meta _

---Messages that no handler has stopped, the newest last; at most 10000. The first may be the process's own message.
---@type ao.Message[]
Inbox = {}

---The texts of the errors of Evals.
---@type string[]
Errors = {}

---The process's name: its tag `Name`, or `aos`.
---@type string
Name = ""

---Who owns the process and may Eval in it: an address, or the process that spawned it.
---@type string
Owner = ""

---Escape sequences that colour what is printed.
---@class ao.Colors
---@field red string Red from here on.
---@field green string Green from here on.
---@field blue string Blue from here on.
---@field gray string Gray from here on.
---@field reset string The usual colour from here on.
Colors = {}

---The character that rings a terminal's bell.
---@type string
Bell = "\x07"

---What has been printed for the current message, line by line.
---@type string[]
HANDLER_PRINT_LOGS = {}

---Whether the random numbers have been seeded, as they are at the first message.
---@type boolean
Seeded = true

---Any value as Lua source text, the keys of tables sorted: `require(".dump")`.
---@param value any The value.
---@param indent? integer Spaces for every level; 4 when left out.
---@param padding? integer Spaces before every line but the first; none when left out.
---@param filter? dump.Filter What is asked about every key and value.
---@param udata? any Handed to the filter.
---@return string text The text.
function Dump(value, indent, padding, filter, udata) end

---What the global `Send` returns.
---@class ao.SendReceipt
---@field output string What an Eval of it shows.
local SendReceipt = {}

---Adds a handler that runs once, for the answer to this message.
---@param from string Who answers.
---@param handler Handlers.Handle What is done with the answer.
---@overload fun(handler: Handlers.Handle)
---@overload fun(from: string, handler: Handlers.Resolvers)
---@overload fun(handler: Handlers.Resolvers)
function SendReceipt.onReply(from, handler) end

---Waits for the answer.
---@param from? string Who answers; the target when left out.
---@return ao.Message answer The answer.
function SendReceipt.receive(from) end

---Sends a message, as `ao.send` does, with a warning when there is no Target.
---@param msg ao.SendMessage What to send.
---@return ao.SendReceipt receipt A text for the console, with `onReply` and `receive`.
function Send(msg) end

---What the global `Spawn` returns.
---@class ao.SpawnReceipt
---@field output string What an Eval of it shows.
local SpawnReceipt = {}

---Adds a handler that runs once, when the process is there. It is not listed by `pairs`.
---@param handler Handlers.Handle What is done with the message.
---@overload fun(handler: Handlers.Resolvers)
function SpawnReceipt.after(handler) end

---Waits until the process is there.
---@return ao.Message answer The message; its `Process` tag is the new process's id.
function SpawnReceipt.receive() end

---Asks for a new process, as `ao.spawn` does; of this process's own module when only `msg` is given.
---@param module string The id of the module that it is to run on.
---@param msg? ao.SendMessage Its Data and tags.
---@return ao.SpawnReceipt receipt A text for the console, with `after` and `receive`.
---@overload fun(msg: ao.SendMessage): ao.SpawnReceipt
function Spawn(module, msg) end

---Suspends the running handler until a message matches, and returns that message: `Handlers.receive`.
---@param pattern Handlers.Pattern The message that is waited for.
---@return ao.Message msg That message.
function Receive(pattern) end

---Asks that a message be given to other processes as well, as `ao.assign` does, and prints that it did.
---@param assignment ao.Assignment Which message, and to whom.
---@return string text What an Eval of it shows.
function Assign(assignment) end

---The console's prompt: the process's name, the version and the size of the Inbox. A process may put its own in its place.
---@return string prompt The prompt.
function Prompt() end

---The tags of a message whose tags are still an array, by name; of equal names, the first.
---@param msg { Tags: ao.Tag[] } The message.
---@return table<string, string> tags The tags.
function Tab(msg) end

---Prints the version.
function Version() end

---Adds one line to the output: tables as coloured text, booleans blue, numbers green, nil red. Only the first argument counts.
---@param value any What to print.
function print(value) end
