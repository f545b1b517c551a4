---@meta

---SQLite 3 in memory, with the interface of lsqlite3: `require("lsqlite3")`. What is in its databases is part of the
---process's state.
---@class lsqlite3
---@field OK integer Code: nothing went wrong.
---@field ERROR integer Code: the SQL is wrong.
---@field INTERNAL integer Code: an error inside SQLite.
---@field PERM integer Code: access was denied.
---@field ABORT integer Code: a callback stopped the statement.
---@field BUSY integer Code: the database is locked by another.
---@field LOCKED integer Code: a table is locked.
---@field NOMEM integer Code: there was no memory.
---@field READONLY integer Code: the database cannot be written.
---@field INTERRUPT integer Code: the statement was interrupted.
---@field IOERR integer Code: reading or writing failed.
---@field CORRUPT integer Code: the database is damaged.
---@field NOTFOUND integer Code: something is not known.
---@field FULL integer Code: the database is full.
---@field CANTOPEN integer Code: the database could not be opened.
---@field PROTOCOL integer Code: a lock could not be had.
---@field EMPTY integer Code: not used.
---@field SCHEMA integer Code: the schema has changed.
---@field TOOBIG integer Code: a string or blob is too large.
---@field CONSTRAINT integer Code: a constraint does not hold.
---@field MISMATCH integer Code: a value is of a wrong type.
---@field MISUSE integer Code: the call is not allowed now.
---@field NOLFS integer Code: the file is too large for the host.
---@field FORMAT integer Code: not used.
---@field RANGE integer Code: the index of a parameter is out of range.
---@field NOTADB integer Code: this is no database.
---@field ROW integer Code: `step` has a row.
---@field DONE integer Code: `step` has come to the end.
---@field INTEGER integer Type of a value: an integer.
---@field FLOAT integer Type of a value: a float.
---@field TEXT integer Type of a value: a text.
---@field BLOB integer Type of a value: a blob.
---@field NULL integer Type of a value: NULL.
---@field CREATE_INDEX integer Kind of action that a hook is told: CREATE INDEX.
---@field CREATE_TABLE integer Kind of action that a hook is told: CREATE TABLE.
---@field CREATE_TEMP_INDEX integer Kind of action that a hook is told: CREATE TEMP INDEX.
---@field CREATE_TEMP_TABLE integer Kind of action that a hook is told: CREATE TEMP TABLE.
---@field CREATE_TEMP_TRIGGER integer Kind of action that a hook is told: CREATE TEMP TRIGGER.
---@field CREATE_TEMP_VIEW integer Kind of action that a hook is told: CREATE TEMP VIEW.
---@field CREATE_TRIGGER integer Kind of action that a hook is told: CREATE TRIGGER.
---@field CREATE_VIEW integer Kind of action that a hook is told: CREATE VIEW.
---@field DELETE integer Kind of action that a hook is told: DELETE.
---@field DROP_INDEX integer Kind of action that a hook is told: DROP INDEX.
---@field DROP_TABLE integer Kind of action that a hook is told: DROP TABLE.
---@field DROP_TEMP_INDEX integer Kind of action that a hook is told: DROP TEMP INDEX.
---@field DROP_TEMP_TABLE integer Kind of action that a hook is told: DROP TEMP TABLE.
---@field DROP_TEMP_TRIGGER integer Kind of action that a hook is told: DROP TEMP TRIGGER.
---@field DROP_TEMP_VIEW integer Kind of action that a hook is told: DROP TEMP VIEW.
---@field DROP_TRIGGER integer Kind of action that a hook is told: DROP TRIGGER.
---@field DROP_VIEW integer Kind of action that a hook is told: DROP VIEW.
---@field INSERT integer Kind of action that a hook is told: INSERT.
---@field PRAGMA integer Kind of action that a hook is told: PRAGMA.
---@field READ integer Kind of action that a hook is told: READ.
---@field SELECT integer Kind of action that a hook is told: SELECT.
---@field TRANSACTION integer Kind of action that a hook is told: TRANSACTION.
---@field UPDATE integer Kind of action that a hook is told: UPDATE.
---@field ATTACH integer Kind of action that a hook is told: ATTACH.
---@field DETACH integer Kind of action that a hook is told: DETACH.
---@field ALTER_TABLE integer Kind of action that a hook is told: ALTER TABLE.
---@field REINDEX integer Kind of action that a hook is told: REINDEX.
---@field ANALYZE integer Kind of action that a hook is told: ANALYZE.
---@field CREATE_VTABLE integer Kind of action that a hook is told: CREATE VTABLE.
---@field DROP_VTABLE integer Kind of action that a hook is told: DROP VTABLE.
---@field FUNCTION integer Kind of action that a hook is told: FUNCTION.
---@field SAVEPOINT integer Kind of action that a hook is told: SAVEPOINT.
---@field OPEN_READONLY integer Flag of `open`: for reading only.
---@field OPEN_READWRITE integer Flag of `open`: for reading and writing.
---@field OPEN_CREATE integer Flag of `open`: making it if there is none.
---@field OPEN_URI integer Flag of `open`: the name is a URI.
---@field OPEN_MEMORY integer Flag of `open`: in memory.
---@field OPEN_NOMUTEX integer Flag of `open`: without a lock for each connection.
---@field OPEN_FULLMUTEX integer Flag of `open`: with a lock for each connection.
---@field OPEN_SHAREDCACHE integer Flag of `open`: with a shared cache.
---@field OPEN_PRIVATECACHE integer Flag of `open`: with its own cache.
local lsqlite3 = {}

---A value of a column or a parameter. A blob is a string.
---@alias lsqlite3.Value string|number|boolean|nil

---Opens a database in memory.
---@return lsqlite3.Database db The database.
function lsqlite3.open_memory() end

---Opens a database. There are no files: `":memory:"` is the name of a new one.
---@param name string Its name.
---@param flags? integer Flags `OPEN_…`, added up.
---@return lsqlite3.Database? db The database; nil when there is none.
---@return integer? code The code then.
---@return string? message What is wrong then.
function lsqlite3.open(name, flags) end

---Not possible here: there are no pointers. It is always an error.
---@param pointer any A pointer.
function lsqlite3.open_ptr(pointer) end

---Begins to copy one database to another.
---@param target lsqlite3.Database Where to.
---@param target_name string Which of its databases, `main`.
---@param source lsqlite3.Database Where from.
---@param source_name string Which of its databases, `main`.
---@return lsqlite3.Backup? backup The backup; nothing when it cannot be.
function lsqlite3.backup_init(target, target_name, source, source_name) end

---Whether a text ends at the end of a statement.
---@param sql string The text.
---@return boolean complete Whether it does.
function lsqlite3.complete(sql) end

---The version of SQLite.
---@return string version The version, as the network's.
function lsqlite3.version() end

---The version of lsqlite3.
---@return string version The version, as the network's.
function lsqlite3.lversion() end

---Sets the folder for temporary files. There are none: it is only remembered.
---@param path? string The folder.
---@return string? before What was set before.
function lsqlite3.temp_directory(path) end

-- Databases -----------------------------------------------------------------------------------------------------------

---A database.
---@class lsqlite3.Database
local Database = {}

---Runs SQL: one statement or several.
---@param sql string The statements.
---@param callback? fun(udata: any, columns: integer, values: table<integer, string?>, names: string[]): integer Told every row; what is not 0 stops.
---@param udata? any Handed to the callback.
---@return integer code `OK`, or what went wrong; `errmsg` says more.
function Database:exec(sql, callback, udata) end

---Runs SQL: another name of `exec`.
---@param sql string The statements.
---@param callback? fun(udata: any, columns: integer, values: table<integer, string?>, names: string[]): integer Told every row; what is not 0 stops.
---@param udata? any Handed to the callback.
---@return integer code `OK`, or what went wrong; `errmsg` says more.
function Database:execute(sql, callback, udata) end

---Compiles the first statement of a text.
---@param sql string The text.
---@return lsqlite3.Statement? statement The statement; nil when the SQL is wrong.
---@return string|integer tail What stands behind the statement; the code when the SQL is wrong.
function Database:prepare(sql) end

---The rows of a statement, as arrays: `for row in db:rows(sql) do`.
---@param sql string The statement.
---@return fun(statement: lsqlite3.Statement): lsqlite3.Value[]? iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Database:rows(sql) end

---The rows of a statement, as tables by the names of columns: `for row in db:nrows(sql) do`.
---@param sql string The statement.
---@return fun(statement: lsqlite3.Statement): table<string, lsqlite3.Value>? iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Database:nrows(sql) end

---The rows of a statement, each as several values: `for id, name in db:urows(sql) do`.
---@param sql string The statement.
---@return fun(statement: lsqlite3.Statement): ... iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Database:urows(sql) end

---Closes the database and its statements.
---@return integer code `OK`, or what went wrong.
function Database:close() end

---Closes the statements of the database.
---@param temporary? boolean Whether only those of `rows`, `nrows` and `urows`.
function Database:close_vm(temporary) end

---Whether the database has not been closed.
---@return boolean open Whether it is open.
function Database:isopen() end

---The code of the last call.
---@return integer code `OK`, or what went wrong.
function Database:errcode() end

---The code of the last call: another name of `errcode`.
---@return integer code `OK`, or what went wrong.
function Database:error_code() end

---What the last call's code means.
---@return string message The text.
function Database:errmsg() end

---What the last call's code means: another name of `errmsg`.
---@return string message The text.
function Database:error_message() end

---How many rows the last INSERT, UPDATE or DELETE has changed.
---@return integer count The count.
function Database:changes() end

---How many rows have been changed since the database was opened.
---@return integer count The count.
function Database:total_changes() end

---The row id of the last row inserted.
---@return integer rowid The row id; 0 when there was none.
function Database:last_insert_rowid() end

---The file of a database: there is none.
---@param name string Which database, `main`.
---@return string? path An empty text, or nothing for an unknown database.
function Database:db_filename(name) end

---Stops what the database is doing.
function Database:interrupt() end

---Does nothing: nobody else holds a lock.
---@param milliseconds integer How long to wait for one.
function Database:busy_timeout(milliseconds) end

---Does nothing: nobody else holds a lock.
---@param handler? fun(udata: any, attempts: integer): any Would be asked whether to wait.
---@param udata? any Handed to the handler.
function Database:busy_handler(handler, udata) end

---Refused: no library can be loaded.
---@param path? string The library.
---@return boolean loaded False; true when there is no path.
---@return string? message Why.
function Database:load_extension(path) end

---There are no pointers.
---@return nil pointer Nothing.
function Database:get_ptr() end

---Adds a function that SQL can call.
---@param name string Its name.
---@param arguments integer How many it takes; -1 for any.
---@param fn fun(context: lsqlite3.Context, ...) Does the work, and puts the result into the context.
---@param udata? any What `context:user_data()` gives.
---@return boolean added Whether it could be added.
function Database:create_function(name, arguments, fn, udata) end

---Adds an aggregate function, such as `sum`, that SQL can call.
---@param name string Its name.
---@param arguments integer How many it takes; -1 for any.
---@param step fun(context: lsqlite3.Context, ...) Called for each row.
---@param final fun(context: lsqlite3.Context) Called at the end; it puts the result into the context.
---@param udata? any What `context:user_data()` gives.
---@return boolean added Whether it could be added.
function Database:create_aggregate(name, arguments, step, final, udata) end

---Adds an order of texts that SQL can sort by.
---@param name string Its name.
---@param compare? fun(a: string, b: string): integer Below 0, 0 or above 0, as a is before, like or after b.
function Database:create_collation(name, compare) end

---Asks a function again and again while statements run; true stops them.
---@param steps? integer After how many steps of SQLite; no more asking when nil.
---@param handler? fun(udata: any): any The function.
---@param udata? any Handed to it.
function Database:progress_handler(steps, handler, udata) end

---Asks a function before a transaction is committed; true rolls it back.
---@param hook? fun(udata: any): any The function; none when nil.
---@param udata? any Handed to it.
function Database:commit_hook(hook, udata) end

---Tells a function that a transaction was rolled back.
---@param hook? fun(udata: any) The function; none when nil.
---@param udata? any Handed to it.
function Database:rollback_hook(hook, udata) end

---Tells a function of each row that is inserted, updated or deleted.
---@param hook? fun(udata: any, action: integer, database: string, table: string, rowid: integer) The function; none when nil.
---@param udata? any Handed to it.
function Database:update_hook(hook, udata) end

---Tells a function of each statement that begins.
---@param hook? fun(udata: any, sql: string) The function; none when nil.
---@param udata? any Handed to it.
function Database:trace(hook, udata) end

-- Statements ----------------------------------------------------------------------------------------------------------

---A compiled statement.
---@class lsqlite3.Statement
local Statement = {}

---Goes to the next row.
---@return integer code `ROW` when there is one, `DONE` at the end, or what went wrong.
function Statement:step() end

---Puts the statement back to its start. What was bound stays.
---@return integer code `OK`, or how the last `step` went wrong.
function Statement:reset() end

---Closes the statement.
---@return integer code `OK`, or how the last `step` went wrong.
function Statement:finalize() end

---Whether the statement has not been closed.
---@return boolean open Whether it is open.
function Statement:isopen() end

---Binds one parameter.
---@param index integer Its place, from 1.
---@param value lsqlite3.Value The value.
---@return integer code `OK`, or what went wrong.
function Statement:bind(index, value) end

---Binds one parameter to a blob.
---@param index integer Its place, from 1.
---@param blob string The bytes.
---@return integer code `OK`, or what went wrong.
function Statement:bind_blob(index, blob) end

---Binds all parameters, in their order.
---@param ... lsqlite3.Value The values, as many as there are parameters.
---@return integer code `OK`, or what went wrong.
function Statement:bind_values(...) end

---Binds parameters by name (`:name`, `$name`), others by their place.
---@param values table<string|integer, lsqlite3.Value> The values.
---@return integer code `OK`, or what went wrong.
function Statement:bind_names(values) end

---How many parameters there are.
---@return integer count The count.
function Statement:bind_parameter_count() end

---The name of a parameter, with its sign.
---@param index integer Its place, from 1.
---@return string? name The name; nil when it has none.
function Statement:bind_parameter_name(index) end

---How many columns a row has.
---@return integer count The count.
function Statement:columns() end

---The value of one column.
---@param index integer Its place, from 0.
---@return lsqlite3.Value value The value.
function Statement:get_value(index) end

---The values of the row, as an array.
---@return lsqlite3.Value[] values The array.
function Statement:get_values() end

---The values of the row, one by one.
---@return lsqlite3.Value ... The values.
function Statement:get_uvalues() end

---The values of the row, by the names of columns.
---@return table<string, lsqlite3.Value> values The table.
function Statement:get_named_values() end

---The name of one column.
---@param index integer Its place, from 0.
---@return string name The name.
function Statement:get_name(index) end

---The names of the columns, as an array.
---@return string[] names The array.
function Statement:get_names() end

---The names of the columns, one by one.
---@return string ... The names.
function Statement:get_unames() end

---The declared type of one column.
---@param index integer Its place, from 0.
---@return string? type The type; nil when none was declared.
function Statement:get_type(index) end

---The declared types of the columns, as an array.
---@return string[] types The array.
function Statement:get_types() end

---The declared types of the columns, one by one.
---@return string? ... The types.
function Statement:get_utypes() end

---The declared types of the columns, by their names.
---@return table<string, string> types The table.
function Statement:get_named_types() end

---Another name of `get_values`.
---@return lsqlite3.Value[] values The array.
function Statement:idata() end

---Another name of `get_names`.
---@return string[] names The array.
function Statement:inames() end

---Another name of `get_types`.
---@return string[] types The array.
function Statement:itypes() end

---Another name of `get_named_values`.
---@return table<string, lsqlite3.Value> values The table.
function Statement:data() end

---Another name of `get_named_types`.
---@return table<string, string> types The table.
function Statement:type() end

---The rows, as arrays: `for row in statement:rows() do`.
---@return fun(statement: lsqlite3.Statement): lsqlite3.Value[]? iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Statement:rows() end

---The rows, as tables by the names of columns: `for row in statement:nrows() do`.
---@return fun(statement: lsqlite3.Statement): table<string, lsqlite3.Value>? iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Statement:nrows() end

---The rows, each as several values: `for id, name in statement:urows() do`.
---@return fun(statement: lsqlite3.Statement): ... iterator Gives the next row.
---@return lsqlite3.Statement statement The statement.
function Statement:urows() end

---The row id of the last row inserted into the database.
---@return integer rowid The row id; 0 when there was none.
function Statement:last_insert_rowid() end

-- Functions that SQL calls --------------------------------------------------------------------------------------------

---What a function that SQL calls is given. It is of no use after the call.
---@class lsqlite3.Context
local Context = {}

---What was given to `create_function` or `create_aggregate`.
---@return any udata The value.
function Context:user_data() end

---How many rows the aggregate function has seen.
---@return integer count The count.
function Context:aggregate_count() end

---What `set_aggregate_data` has kept.
---@return any data The value.
function Context:get_aggregate_data() end

---Keeps a value until the aggregate function ends.
---@param data any The value.
function Context:set_aggregate_data(data) end

---Sets the result: nil, a number or a text.
---@param value string|number|nil The result.
function Context:result(value) end

---Sets the result to NULL.
function Context:result_null() end

---Sets the result to an integer of 32 bits.
---@param value integer The result.
function Context:result_int(value) end

---Sets the result to a float.
---@param value number The result.
function Context:result_double(value) end

---Sets the result to a float: another name of `result_double`.
---@param value number The result.
function Context:result_number(value) end

---Sets the result to a text.
---@param value string The result.
function Context:result_text(value) end

---Sets the result to a blob.
---@param value string The bytes.
function Context:result_blob(value) end

---Makes the statement fail.
---@param message string What is wrong.
function Context:result_error(message) end

-- Backups -------------------------------------------------------------------------------------------------------------

---A copy of a database on its way.
---@class lsqlite3.Backup
local Backup = {}

---Copies some pages.
---@param pages integer How many; all when below 0.
---@return integer code `OK` when there are more, `DONE` at the end, or what went wrong.
function Backup:step(pages) end

---How many pages are still to copy.
---@return integer count The count.
function Backup:remaining() end

---How many pages the source has.
---@return integer count The count.
function Backup:pagecount() end

---Ends the backup.
---@return integer code `OK`, or what went wrong.
function Backup:finish() end

return lsqlite3
