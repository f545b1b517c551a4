--- Ciphers: AES in five modes, and three whose authors' papers are followed here.
local require = require

return {
  _version = "0.0.1",
  aes = require(".crypto.cipher.aes"),
  issac = require(".crypto.cipher.issac"),
  morus = require(".crypto.cipher.morus"),
  norx = require(".crypto.cipher.norx"),
}
