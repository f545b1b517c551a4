-- A process's globals: what it finds, and what it defines as its state.
std = "lua53"
max_line_length = 120
allow_defined = true
globals = { "ao", "Handlers", "Name", "Owner", "Receive", "Assign", "Send", "Spawn", "Inbox" }
-- Tests: what `ao-run test` gives them, and the globals of the process that they run in.
files["**/*_test.lua"] = {
  std = "lua53+busted",
  read_globals = { "send", "spawn", "wallet", "inbox", "clock", "process", "Balances", "Supply" },
}
