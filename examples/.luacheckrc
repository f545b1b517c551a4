-- A process's globals: what it finds, and what it defines as its state.
std = "lua53"
max_line_length = 120
allow_defined = true
globals = { "ao", "Handlers", "Name", "Owner", "Receive", "Assign", "Send", "Spawn", "Inbox" }
