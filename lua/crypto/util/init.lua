--- Arrays, streams, queues and hexadecimal text, in which the other modules of `.crypto` take and give bytes.
local require = require

return {
  _version = "0.0.1",
  stream = require(".crypto.util.stream"),
  array = require(".crypto.util.array"),
  queue = require(".crypto.util.queue"),
  hex = require(".crypto.util.hex"),
  bit = require(".crypto.util.bit"),
}
