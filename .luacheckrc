std = "lua53"
max_line_length = 140
-- What `.bint` is made of is checked as a whole (`.ci/lint`).
exclude_files = { "lua/meta", "lua/bint.lua", "lua/bint" }
-- What the host calls, in a process that is tested.
files["ao_runtime/testing/lua/harness.lua"] = { globals = { "_ao_test" } }
-- The ao side lives in a process's globals; these are the network's names.
files["lua/*.lua"] = {
  globals = {
    "ao", "Handlers", "Utils", "Inbox", "Errors", "Name", "Owner", "Colors", "Bell", "Dump", "Send", "Spawn", "Receive",
    "Assign", "Prompt", "Tab", "Version", "HANDLER_PRINT_LOGS", "Seeded", "print",
  },
}
