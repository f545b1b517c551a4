---@meta

---What a pattern's function may answer: `true`, a negative number or `"break"` runs the handler and stops the walk; a
---positive number or `"continue"` runs it and goes on; `false`, 0, `"skip"` or any other string passes it over.
---@alias Handlers.Verdict boolean|number|"break"|"continue"|"skip"|string

---How one field is matched: `"_"` is any value; a string with one of `^$()%.[]*+?` is a Lua pattern, searched without
---regard to case; another string is compared without regard to case; a function's answer counts; of an array, any may match.
---@alias Handlers.FieldPattern string|(fun(value: any, msg: ao.Message): any)|Handlers.FieldPattern[]

---A pattern: a string is the message's Action, exactly; a table names fields or tags that must all match; a function
---answers for itself.
---@alias Handlers.Pattern string|table<string, Handlers.FieldPattern>|fun(msg: ao.Message): Handlers.Verdict

---What is done with a message.
---@alias Handlers.Handle fun(msg: ao.Message): any

---Handles by patterns: the first whose pattern matches the message runs.
---@alias Handlers.Resolvers table<Handlers.Pattern, Handlers.Handle>

---One entry of `Handlers.list`.
---@class Handlers.Handler
---@field name string Its name.
---@field pattern Handlers.Pattern Which messages it answers.
---@field handle Handlers.Handle What it does.
---@field maxRuns? integer|"inf" After how many runs it is removed; for ever when nil or "inf".

---Where `Handlers.before` and `Handlers.after` put a handler.
---@class Handlers.Place
local Place = {}

---Adds a handler here. Where the neighbour is unknown nothing is added.
---@param name string Its name.
---@param pattern Handlers.Pattern Which messages it answers.
---@param handle Handlers.Handle What it does.
---@param maxRuns? integer|"inf" After how many runs it is removed.
---@overload fun(name: string, handle: Handlers.Handle)
---@overload fun(name: string, pattern: Handlers.Pattern, handle: Handlers.Resolvers, maxRuns?: integer|"inf")
---@overload fun(name: string, handle: Handlers.Resolvers)
function Place.add(name, pattern, handle, maxRuns) end

---Who answers which message, in which order, and who waits for one. `require(".handlers")` is the same table.
---@class Handlers
---@field _version string The version of this module.
---@field list Handlers.Handler[] The handlers, in the order in which they are asked. It may be read and edited.
---@field coroutines thread[] Handlers that wait for a message.
---@field onceNonce integer How many names `once` has made.
---@field utils Handlers.utils Ready-made patterns and handles.
Handlers = {}

---Adds a handler at the end, or updates the one of this name where it stands.
---@param name string Its name; the Action that it answers, when there is no pattern.
---@param pattern Handlers.Pattern Which messages it answers.
---@param handle Handlers.Handle What it does.
---@param maxRuns? integer|"inf" After how many runs it is removed; for ever when left out.
---@return integer count How many handlers there are.
---@overload fun(name: string, handle: Handlers.Handle): integer
---@overload fun(name: string, pattern: Handlers.Pattern, handle: Handlers.Resolvers, maxRuns?: integer|"inf"): integer
---@overload fun(name: string, handle: Handlers.Resolvers): integer
function Handlers.add(name, pattern, handle, maxRuns) end

---Adds a handler at the end, or updates the one of this name where it stands.
---@param name string Its name; the Action that it answers, when there is no pattern.
---@param pattern Handlers.Pattern Which messages it answers.
---@param handle Handlers.Handle What it does.
---@param maxRuns? integer|"inf" After how many runs it is removed; for ever when left out.
---@overload fun(name: string, handle: Handlers.Handle)
---@overload fun(name: string, pattern: Handlers.Pattern, handle: Handlers.Resolvers, maxRuns?: integer|"inf")
---@overload fun(name: string, handle: Handlers.Resolvers)
function Handlers.append(name, pattern, handle, maxRuns) end

---Adds a handler at the front, or updates the one of this name where it stands.
---@param name string Its name; the Action that it answers, when there is no pattern.
---@param pattern Handlers.Pattern Which messages it answers.
---@param handle Handlers.Handle What it does.
---@param maxRuns? integer|"inf" After how many runs it is removed; for ever when left out.
---@overload fun(name: string, handle: Handlers.Handle)
---@overload fun(name: string, pattern: Handlers.Pattern, handle: Handlers.Resolvers, maxRuns?: integer|"inf")
---@overload fun(name: string, handle: Handlers.Resolvers)
function Handlers.prepend(name, pattern, handle, maxRuns) end

---Adds a handler at the front that runs once.
---@param name string Its name; `_once_<n>` when left out.
---@param pattern Handlers.Pattern Which message it answers.
---@param handle Handlers.Handle What it does.
---@overload fun(pattern: Handlers.Pattern, handle: Handlers.Handle)
---@overload fun(name: string, pattern: Handlers.Pattern, handle: Handlers.Resolvers)
---@overload fun(pattern: Handlers.Pattern, handle: Handlers.Resolvers)
function Handlers.once(name, pattern, handle) end

---`Handlers.before(name).add(…)` puts a handler right before another.
---@param name string The other handler.
---@return Handlers.Place place Where `add` puts it.
function Handlers.before(name) end

---`Handlers.after(name).add(…)` puts a handler right after another.
---@param name string The other handler.
---@return Handlers.Place place Where `add` puts it.
function Handlers.after(name) end

---Takes a handler away. An unknown name does nothing.
---@param name string Its name.
function Handlers.remove(name) end

---One handle out of a table of resolvers: the first whose pattern matches the message runs.
---@param resolvers Handlers.Resolvers Handles by patterns.
---@return Handlers.Handle handle The handle.
function Handlers.generateResolver(resolvers) end

---Gives a message to the handlers, in order; to `_default` if none of them stops it. The runtime calls it.
---@param msg ao.Message The message.
---@param env ao.Environment Its environment.
---@return any answer True when a handler stopped it, else what `_default` returns.
function Handlers.evaluate(msg, env) end

---Suspends the running handler until a message matches. The current message's result holds what was sent so far; what is
---sent afterwards belongs to the result of the message that came.
---@param pattern Handlers.Pattern The message that is waited for.
---@return ao.Message msg That message.
function Handlers.receive(pattern) end

return Handlers
