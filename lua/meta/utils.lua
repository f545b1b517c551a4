---@meta

---Small functions over arrays and objects, and how a pattern meets a message. The global `Utils`, and
---`require(".utils")`. Functions of two or more arguments may be given them one by one: `Utils.map(f)(array)`.
---@class Utils
---@field _version string The version of this module.
Utils = {}

---Whether a value matches one field's pattern.
---@param pattern Handlers.FieldPattern The pattern.
---@param value any The value.
---@param msg? ao.Message What a function pattern gets as its second argument.
---@return boolean matches Whether it does.
function Utils.matchesPattern(pattern, value, msg) end

---Whether a message meets a pattern, as handlers have them.
---@param msg ao.Message The message.
---@param spec Handlers.Pattern The pattern.
---@return Handlers.Verdict matches A function's own answer; otherwise whether the message matches.
function Utils.matchesSpec(msg, spec) end

---The name as names of tags are written: `block_height` becomes `Block-Height`. What is no string is returned as it is.
---@generic T
---@param name T The name.
---@return T name The name in Title-Case.
function Utils.normalize(name) end

---The text with its first letter upper and the others lower case. What is no string is returned as it is.
---@generic T
---@param text T The text.
---@return T text The new text.
function Utils.capitalize(text) end

---A function that may be given its arguments in portions. Of each portion only the first argument is bound.
---@param fn function The function.
---@param arity? integer How many arguments to wait for; as many as it has parameters when left out.
---@return function curried The function that waits.
function Utils.curry(fn, arity) end

---The items of one array, then those of another.
---@generic T
---@param a T[] The first.
---@param b T[] The second.
---@return T[] array A new array.
---@overload fun(a: any[]): fun(b: any[]): any[]
function Utils.concat(a, b) end

---Folds an array from the first item to the last.
---@generic T, R
---@param fn fun(result: R, item: T, key: integer): R Gives the next result.
---@param initial R The first result.
---@param array T[] The items.
---@return R result The last result.
---@overload fun(fn: function): function
function Utils.reduce(fn, initial, array) end

---An array of what a function makes of each item.
---@generic T, R
---@param fn fun(item: T, key: integer): R Makes a new item.
---@param array T[] The items.
---@return R[] array A new array.
---@overload fun(fn: function): fun(array: any[]): any[]
function Utils.map(fn, array) end

---The items that a function says yes to.
---@generic T
---@param fn fun(item: T): any Whether to keep it.
---@param array T[] The items.
---@return T[] array A new array.
---@overload fun(fn: function): fun(array: any[]): any[]
function Utils.filter(fn, array) end

---The first value that a function says yes to.
---@generic T
---@param fn fun(item: T): any Whether it is the one.
---@param items table<any, T> Where to look.
---@return T? item The value; nothing when there is none.
---@overload fun(fn: function): fun(items: table): any
function Utils.find(fn, items) end

---Whether a field is this string.
---@param name string The field.
---@param value string What it should be.
---@param object table The object.
---@return boolean equal Whether it is.
---@overload fun(name: string): function
function Utils.propEq(name, value, object) end

---The items from the last to the first.
---@generic T
---@param array T[] The items.
---@return T[] array A new array.
function Utils.reverse(array) end

---A function that calls the last function first, and each other with the result of the one before.
---@param ... fun(value: any): any Two functions or more.
---@return fun(value: any): any composed The function.
function Utils.compose(...) end

---A field of an object.
---@param name string The field.
---@param object table The object.
---@return any value What it holds.
---@overload fun(name: string): fun(object: table): any
function Utils.prop(name, object) end

---Whether a value is one of the items.
---@param value any The value.
---@param array any[] The items.
---@return boolean included Whether it is.
---@overload fun(value: any): fun(array: any[]): boolean
function Utils.includes(value, array) end

---The keys of a table.
---@generic K
---@param object table<K, any> The table.
---@return K[] keys An array of them.
function Utils.keys(object) end

---The values of a table.
---@generic V
---@param object table<any, V> The table.
---@return V[] values An array of them.
function Utils.values(object) end

return Utils
