--- SQLite in memory, with the interface of lsqlite3. The module itself is on the trusted side (`vm/sqlite`).
local _, host = ...

return host.sqlite()
