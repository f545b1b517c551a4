---@meta

---A tag: one name and its value. A message travels with an array of them.
---@class ao.Tag
---@field name string The tag's name, such as `Action`.
---@field value any The tag's value. It keeps its Lua type in what is sent; what comes in is text.

---A message as a handler gets it. Its tags are at the root as well, so `msg.Action` and `msg.Tags.Action` are the same,
---but for names that the message has itself (`From`, `Owner`, `Target`, `Data`, …).
---@class ao.Message
---@field Id string The message's id.
---@field From string Who sent it: a process's id, or the owner's address.
---@field Owner string The address of who signed it.
---@field Target string The process that it was sent to; another one's id when it is an assignment.
---@field Data any The text that it carries; a table when its `Content-Type` is `application/json`.
---@field Tags table<string, string> Its tags by name; of equal names, the first.
---@field TagArray ao.Tag[] Its tags in their order.
---@field Timestamp integer When the scheduler took it, in milliseconds since 1970; `os.time()` answers it.
---@field ["Block-Height"] integer The height of Arweave's chain when the scheduler took it.
---@field Module string The id of the module that the process runs on.
---@field Action? string The tag that says what is wanted; a handler whose pattern is a string answers this.
---@field Type? string `Message`, or `Process` for the process's own first message.
---@field Reference? string The sender's number of the message.
---@field ["X-Reference"]? string The reference of the message that this one answers.
---@field ["X-Origin"]? string Whom a forwarded message came from at first.
---@field ["Reply-To"]? string Who gets what `reply` sends, when it is not the sender.
---@field ["Content-Type"]? string The kind of the Data; `application/json` is decoded before handlers see it.
---@field ["From-Process"]? string The process that the sender is, with routing hints if there are any.
---@field ["From-Module"]? string The module of the process that the sender is.
---@field ["Forwarded-By"]? string Who handed the message on.
---@field ["Hash-Chain"]? string The scheduler's hash over this message and all before it.
---@field ["Read-Only"]? boolean True in a dry run, which leaves nothing behind.
---@field Cron? boolean Whether the process's own clock made the message.
---@field Nonce? integer The message's number among those of the process.
---@field Epoch? integer The scheduler's count of starts; 0.
---@field Anchor? string The sender's number of the message, padded with zeros.
---@field Signature? string The signature of the message's data item.
---@field Variant? string The protocol's version, such as `ao.TN.1`.
---@field ["Data-Protocol"]? string `ao`.
---@field [string] any Every other tag, under its name.
local Message = {}

---Sends an answer: to the message's `Reply-To`, else to `answer.Target`, else to the sender. The answer's `X-Reference`
---is the message's reference, so that the sender's `onReply` or `receive` knows it.
---@param answer ao.SendMessage What to send. It is changed: it gets the target and the reference.
---@return ao.Sent sent What was sent.
function Message.reply(answer) end

---Sends the message on, without what must not be forwarded. The receiver's `reply` goes to the first sender.
---@param target string Who gets it.
---@param changes? ao.SendMessage What is to be different: fields and tags in place of the message's own.
function Message.forward(target, changes) end

---What `ao.send` takes. Keys that are not named here become tags.
---@class ao.SendMessage
---@field Target? string Who gets it: the id of a process, or an address.
---@field Data? string|number|table What it carries; a table is written as JSON, with the tag `Content-Type=application/json`.
---@field Tags? ao.Tag[]|table<string, any> More tags, as an array of {name, value} or by name.
---@field Action? string The tag that says what is wanted.
---@field [string] any A tag of that name. `Anchor` and `From` are ignored.

---What `ao.send` returns: the message as it was sent, and two ways to wait for the answer.
---@class ao.Sent
---@field Target? string Who gets it.
---@field Data? string|number What it carries.
---@field Anchor string The reference, padded with zeros to 32 digits.
---@field Tags ao.Tag[] All its tags: the protocol's, then the sender's, sorted by name.
---@field Ref_ string The reference. The name that older processes know; it is not listed by `pairs`.
local Sent = {}

---Adds a handler that runs once, for the answer to this message, from its target or from whom one says.
---@param from string Who answers.
---@param handler Handlers.Handle What is done with the answer.
---@overload fun(handler: Handlers.Handle)
---@overload fun(from: string, handler: Handlers.Resolvers)
---@overload fun(handler: Handlers.Resolvers)
function Sent.onReply(from, handler) end

---The name of `onReply` in older processes. It is not listed by `pairs`.
---@param from string Who answers.
---@param handler Handlers.Handle What is done with the answer.
---@overload fun(handler: Handlers.Handle)
---@overload fun(from: string, handler: Handlers.Resolvers)
---@overload fun(handler: Handlers.Resolvers)
function Sent.after(from, handler) end

---Waits for the answer: the running handler is suspended, and goes on in the message that answers.
---@param from? string Who answers; the target when left out.
---@return ao.Message answer The answer.
function Sent.receive(from) end

---What `ao.spawn` returns: the spawn as it was asked for, and two ways to wait for the new process.
---@class ao.Spawned
---@field Data string What the new process gets as its Data; `NODATA` when nothing was given.
---@field Anchor string The reference, padded with zeros to 32 digits.
---@field Tags ao.Tag[] All its tags: the protocol's, then the sender's, sorted by name.
---@field Ref_ string The reference. The name that older processes know; it is not listed by `pairs`.
local Spawned = {}

---Adds a handler that runs once, when the process is there; the message's `Process` tag is its id.
---@param handler Handlers.Handle What is done with the message.
---@overload fun(handler: Handlers.Resolvers)
function Spawned.onReply(handler) end

---The name of `onReply` in older processes. It is not listed by `pairs`.
---@param handler Handlers.Handle What is done with the message.
---@overload fun(handler: Handlers.Resolvers)
function Spawned.after(handler) end

---Waits until the process is there: the running handler is suspended, and goes on in the message that says so.
---@return ao.Message answer The message; its `Process` tag is the new process's id.
function Spawned.receive() end

---A message of the outbox: what is really sent.
---@class ao.OutboxMessage
---@field Target? string Who gets it.
---@field Data? string|number What it carries.
---@field Anchor string The reference, padded with zeros to 32 digits.
---@field Tags ao.Tag[] All its tags.

---A spawn of the outbox.
---@class ao.OutboxSpawn
---@field Data string What the new process gets as its Data.
---@field Anchor string The reference, padded with zeros to 32 digits.
---@field Tags ao.Tag[] All its tags.

---That a message be given to other processes as well.
---@class ao.Assignment
---@field Processes string[] The ids of the processes that get it.
---@field Message string The message's id.

---What the result of the current message will hold. It is emptied when a message comes.
---@class ao.Outbox
---@field Output any What was printed: {data, prompt, print}, or the lines of `ao.log`.
---@field Messages ao.OutboxMessage[] What `ao.send` has added.
---@field Spawns ao.OutboxSpawn[] What `ao.spawn` has added.
---@field Assignments ao.Assignment[] What `ao.assign` has added.
---@field Error? any When it is set, the result is this error and nothing else.

---The result of a message, as `ao.result` makes it.
---@class ao.Result
---@field Output? any What is shown to who sent the message.
---@field Messages? ao.OutboxMessage[] The messages to send.
---@field Spawns? ao.OutboxSpawn[] The processes to start.
---@field Assignments? ao.Assignment[] The messages to give to other processes.
---@field Error? any What failed. There is nothing else then, and the process stays as it was before the message.

---The process, as the environment tells of it.
---@class ao.Environment.Process
---@field Id string The process's id.
---@field Owner string The address of who made it.
---@field Tags table<string, string> The process's tags by name; of equal names, the first.
---@field TagArray ao.Tag[] The process's tags in their order.

---The module, as the environment tells of it.
---@class ao.Environment.Module
---@field Id string The module's id.
---@field Owner? string The address of who published it.
---@field Tags ao.Tag[] The module's tags.

---Where a message is evaluated.
---@class ao.Environment
---@field Process ao.Environment.Process The process.
---@field Module ao.Environment.Module The module that it runs on.

---Which messages that were sent to other processes this one takes.
---@class ao.Assignable
---@field name? string Its name, if it was given one.
---@field pattern Handlers.Pattern The messages that it stands for.

---A routing hint.
---@class ao.Hint
---@field hint string Where the process can be reached.
---@field ttl? string How long that is so.

---What a process sends, whom it trusts, and the environment it lives in. `require("ao")` and `require(".ao")` are the
---same table.
---@class ao
---@field id string This process's id; "" before its first message.
---@field _module string The id of the module that it runs on; "" if the process has no tag `Module`.
---@field _version string The version of this module.
---@field authorities string[] Who may send messages for others: the process's `Authority` tags.
---@field reference integer How many messages and spawns the process has sent.
---@field env ao.Environment The environment of the current message.
---@field outbox ao.Outbox What the current message's result will hold.
---@field assignables ao.Assignable[] Which messages to other processes this one takes.
---@field nonExtractableTags string[] Tags that `normalize` does not copy to the root of a message.
---@field nonForwardableTags string[] Keys that `sanitize` leaves out.
---@field _hints? table<string, ao.Hint> Routing hints by the ids of processes; at most 1000.
ao = {}

---Takes over the environment of a message: the ids while they are unknown, and the authorities. It empties the outbox.
---The runtime calls it; a process need not.
---@param env ao.Environment The environment, its tags as an array.
function ao.init(env) end

---Adds a line to the output.
---@param txt any The line.
function ao.log(txt) end

---Empties the outbox: what was sent and printed for this message so far is forgotten.
function ao.clearOutbox() end

---Sends a message, when the current one has been evaluated without an error.
---@param msg ao.SendMessage What to send.
---@return ao.Sent sent What was sent, with `onReply` and `receive`.
function ao.send(msg) end

---Asks for a new process.
---@param module string The id of the module that it is to run on.
---@param msg ao.SendMessage Its Data and tags.
---@return ao.Spawned sent What was asked for, with `onReply` and `receive`.
function ao.spawn(module, msg) end

---Asks that a message be given to other processes as well.
---@param assignment ao.Assignment Which message, and to whom.
function ao.assign(assignment) end

---Whether an authority sent the message or signed it.
---@param msg ao.Message The message.
---@return boolean trusted Always false when there are no authorities.
function ao.isTrusted(msg) end

---Whether the message was meant for another process.
---@param msg ao.Message The message.
---@return boolean assigned Whether its Target is not this process.
function ao.isAssignment(msg) end

---Whether the process takes such a message although it was meant for another.
---@param msg ao.Message The message.
---@return boolean assignable Whether some assignable's pattern matches; there are none at first.
function ao.isAssignable(msg) end

---Says that messages like these are taken although they were meant for another process.
---@param name string A name, to change or remove it by. One that exists is updated.
---@param pattern Handlers.Pattern Which messages.
---@overload fun(pattern: Handlers.Pattern)
function ao.addAssignable(name, pattern) end

---Takes an assignable away. What is not there is left alone.
---@param nameOrIndex string|integer Its name, or its place in `ao.assignables`.
function ao.removeAssignable(nameOrIndex) end

---Copies the tags of a message to its root, but for those in `nonExtractableTags`.
---@generic T: table
---@param msg T A message whose `Tags` are an array of {name, value}.
---@return T msg The same table.
function ao.normalize(msg) end

---A copy of a message without the keys in `nonForwardableTags`.
---@param msg table The message.
---@return table copy What may be sent on.
function ao.sanitize(msg) end

---A deep copy, keys too, that keeps shared and circular references and metatables.
---@generic T
---@param value T Any value.
---@return T copy The copy.
function ao.clone(value) end

---The result of the current message: an error alone, or the output and what the outbox holds.
---@param result { Output?: any, Error?: any } What is to stand in place of the outbox's.
---@return ao.Result result The result.
function ao.result(result) end

---Keeps the routing hint that a message's `From-Process` tag may carry: `id&hint=…&hint-ttl=…`.
---@param msg ao.Message The message.
function ao.registerHint(msg) end

return ao
