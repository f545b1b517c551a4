--- The network's cryptography: digests, ciphers, HMAC, PBKDF2. Costs nothing until it is required.
local require = require
local cipher = require(".crypto.cipher.init")

return {
  _version = "0.0.1",
  utils = require(".crypto.util.init"),
  digest = require(".crypto.digest.init"),
  cipher = cipher,
  mac = require(".crypto.mac.init"),
  kdf = require(".crypto.kdf.init"),
  random = cipher.issac.random,
}
