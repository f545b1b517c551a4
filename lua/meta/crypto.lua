---@meta

---A stream: a function that gives one byte a call, and nil at the end.
---@alias crypto.Stream fun(): integer?

---What a digest or a cipher answers.
---@class crypto.Result
local Result = {}

---The bytes as an array.
---@return integer[] bytes The array.
function Result.asBytes() end

---The bytes in hexadecimal: lower case, from `aes` upper case.
---@return string hex The text.
function Result.asHex() end

---The bytes as a string.
---@return string bytes The string.
function Result.asString() end

---What SHA-3 and Keccak answer.
---@class crypto.TextResult
local TextResult = {}

---The digest in hexadecimal, lower case.
---@return string hex The text.
function TextResult.asHex() end

---The digest as a string.
---@return string bytes The string.
function TextResult.asString() end

---What `issac`, `morus`, `norx` and `blake2b` answer.
---@class crypto.PiecesResult
local PiecesResult = {}

---The bytes as an array of strings: of one character each from `issac` and `blake2b`, of several from the others.
---@return string[] pieces The array.
function PiecesResult.asBytes() end

---The bytes in hexadecimal, lower case.
---@return string hex The text.
function PiecesResult.asHex() end

---The bytes as a string.
---@return string bytes The string.
function PiecesResult.asString() end

---A digest that takes a message in pieces: SHA-1 and SHA-256.
---@class crypto.Hasher
local Hasher = {}

---Begins a message.
---@return crypto.Hasher self The same object.
function Hasher.init() end

---Takes in what is left of a stream.
---@param stream crypto.Stream The stream.
---@return crypto.Hasher self The same object.
function Hasher.update(stream) end

---Ends the message.
---@return crypto.Hasher self The same object.
function Hasher.finish() end

---The digest as an array of bytes.
---@return integer[] bytes The array.
function Hasher.asBytes() end

---The digest in hexadecimal, lower case.
---@return string hex The text.
function Hasher.asHex() end

---The digest as a string.
---@return string bytes The string.
function Hasher.asString() end

---The network's cryptography: `require(".crypto")`. It costs nothing until it is required.
---@class crypto
---@field _version string The version of this module.
---@field digest crypto.digest Digests.
---@field cipher crypto.cipher Ciphers.
---@field mac crypto.mac Message authentication.
---@field kdf crypto.kdf Keys from passwords.
---@field utils crypto.utils Bytes as arrays, streams, queues and hexadecimal text.
local crypto = {}

---A number from `min` to `max`. The same seed, or none, gives the same number at every call: it is no secret.
---@param min? integer The lowest; 0 when left out.
---@param max? integer The highest; 2^31 - 1 when left out.
---@param seed? string The seed; its first 256 bytes count.
---@return number number The number.
function crypto.random(min, max, seed) end

-- Digests -------------------------------------------------------------------------------------------------------------

---Digests: `require(".crypto.digest")`. The older ones read a stream (`crypto.utils.stream.fromString(text)`), the newer
---ones a string.
---@class crypto.digest
---@field _version string The version of this module.
local digest = {}

---MD2 (RFC 1319).
---@param stream crypto.Stream What is digested.
---@return crypto.Result digest The digest, 16 bytes.
function digest.md2(stream) end

---MD4 (RFC 1320).
---@param stream crypto.Stream What is digested.
---@return crypto.Result digest The digest, 16 bytes.
function digest.md4(stream) end

---MD5 (RFC 1321).
---@param stream crypto.Stream What is digested.
---@return crypto.Result digest The digest, 16 bytes.
function digest.md5(stream) end

---SHA-1 (FIPS 180-4).
---@param stream crypto.Stream What is digested.
---@return crypto.Hasher digest The digest, 20 bytes.
function digest.sha1(stream) end

---SHA-256 (FIPS 180-4).
---@param stream crypto.Stream What is digested.
---@return crypto.Hasher digest The digest, 32 bytes.
function digest.sha2_256(stream) end

---SHA-512 (FIPS 180-4). Its `asBytes` gives eight words of 64 bits.
---@param msg string What is digested.
---@return crypto.Result digest The digest, 64 bytes.
function digest.sha2_512(msg) end

---SHA3-256 (FIPS 202).
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 32 bytes.
function digest.sha3_256(buffer) end

---SHA3-512 (FIPS 202).
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 64 bytes.
function digest.sha3_512(buffer) end

---Keccak-256, as Ethereum uses it.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 32 bytes.
function digest.keccak256(buffer) end

---Keccak-512.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 64 bytes.
function digest.keccak512(buffer) end

---BLAKE2b (RFC 7693).
---@param data string What is digested.
---@param length? integer Bytes of the digest, 1 … 64; 64 when left out.
---@param key? string A key of at most 64 bytes.
---@return crypto.PiecesResult? digest The digest; nil where the length or the key's is not possible.
---@return string? message What is wrong then.
function digest.blake2b(data, length, key) end

---`require(".crypto.digest.sha1")`.
---@class crypto.digest.sha1
local sha1_module = {}

---SHA-1 as an object that takes a message in pieces.
---@return crypto.Hasher hasher The object.
function sha1_module.SHA1() end

---SHA-1 (FIPS 180-4): `crypto.digest.sha1`.
---@param stream crypto.Stream What is digested.
---@return crypto.Hasher digest The digest, 20 bytes.
function sha1_module.sha1(stream) end

---`require(".crypto.digest.sha2_256")`.
---@class crypto.digest.sha2_256
local sha2_256_module = {}

---SHA-256 as an object that takes a message in pieces.
---@return crypto.Hasher hasher The object.
function sha2_256_module.SHA2_256() end

---SHA-256 (FIPS 180-4): `crypto.digest.sha2_256`.
---@param stream crypto.Stream What is digested.
---@return crypto.Hasher digest The digest, 32 bytes.
function sha2_256_module.sha2_256(stream) end

---`require(".crypto.digest.sha3")`.
---@class crypto.digest.sha3
local sha3_module = {}

---SHA3-256 (FIPS 202): `crypto.digest.sha3_256`.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 32 bytes.
function sha3_module.sha3_256(buffer) end

---SHA3-512 (FIPS 202): `crypto.digest.sha3_512`.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 64 bytes.
function sha3_module.sha3_512(buffer) end

---Keccak-256: `crypto.digest.keccak256`.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 32 bytes.
function sha3_module.keccak256(buffer) end

---Keccak-512: `crypto.digest.keccak512`.
---@param buffer string What is digested.
---@return crypto.TextResult digest The digest, 64 bytes.
function sha3_module.keccak512(buffer) end

-- Ciphers -------------------------------------------------------------------------------------------------------------

---Ciphers: `require(".crypto.cipher")`.
---@class crypto.cipher
---@field _version string The version of this module.
---@field aes crypto.cipher.aes AES.
---@field issac crypto.cipher.issac ISAAC, a stream of random numbers and a cipher out of them.
---@field morus crypto.cipher.morus MORUS-1280, authenticated encryption.
---@field norx crypto.cipher.norx NORX64-4-1, authenticated encryption.
local cipher = {}

---AES (FIPS 197) of whole messages, with zero padding: `require(".crypto.cipher.aes")`.
---@class crypto.cipher.aes
local aes = {}

---Encrypts a string.
---@param data string The plain text.
---@param key string The key: as many bytes as `bits` says, more do not count.
---@param iv? string The initial vector, 16 bytes; zeros when left out.
---@param mode? "CBC"|"ECB"|"CFB"|"OFB"|"CTR" The mode; CBC when left out.
---@param bits? 128|192|256 The key's size; 128 when left out.
---@return crypto.Result encrypted What comes out. It can be taken once: `asBytes`, `asHex` and `asString` empty it.
function aes.encrypt(data, key, iv, mode, bits) end

---Decrypts what `encrypt` gave.
---@param cipher string The encrypted text, in hexadecimal.
---@param key string The key.
---@param iv? string The initial vector, 16 bytes; zeros when left out.
---@param mode? "CBC"|"ECB"|"CFB"|"OFB"|"CTR" The mode; CBC when left out.
---@param bits? 128|192|256 The key's size; 128 when left out.
---@return crypto.Result plain The plain text, with the padding's zeros. It can be taken once.
function aes.decrypt(cipher, key, iv, mode, bits) end

---ISAAC (Bob Jenkins, 1996): `require(".crypto.cipher.issac")`.
---@class crypto.cipher.issac
local issac = {}

---Seeds the generator.
---@param seed string The seed; its first 256 bytes count.
---@param flag? boolean Whether the seed is used at all.
function issac.seedIsaac(seed, flag) end

---The next 32 bits. Before the first seed it is an error.
---@return integer word The bits.
function issac.getRandom() end

---The next character that can be printed.
---@return integer byte The character's code, 32 … 126.
function issac.getRandomChar() end

---A number from `min` to `max`. It seeds anew at each call: `crypto.random`.
---@param min? integer The lowest; 0 when left out.
---@param max? integer The highest; 2^31 - 1 when left out.
---@param seed? string The seed; its first 256 bytes count.
---@return number number The number.
function issac.random(min, max, seed) end

---Encrypts a string of printable characters. Others come back changed.
---@param msg string The plain text.
---@param key string The key.
---@return crypto.PiecesResult encrypted What comes out.
function issac.encrypt(msg, key) end

---Decrypts a string.
---@param encrypted string The encrypted text.
---@param key string The key.
---@return string plain The plain text.
function issac.decrypt(encrypted, key) end

---MORUS-1280 (version 2 of the CAESAR submission): `require(".crypto.cipher.morus")`.
---@class crypto.cipher.morus
---@field key_size integer Bytes of a key: 32 (16 will do).
---@field nonce_size integer Bytes of an initial vector: 16.
---@field variant string `Morus-1280`.
local morus = {}

---Encrypts a string.
---@param key string The key, 16 or 32 bytes.
---@param iv string The initial vector, 16 bytes.
---@param m string The plain text.
---@param ad? string What goes before it, readable and authenticated.
---@return crypto.PiecesResult encrypted `ad`, the encrypted text and the tag of 16 bytes.
function morus.encrypt(key, iv, m, ad) end

---Decrypts a string, and checks that it is what was encrypted.
---@param key string The key.
---@param iv string The initial vector.
---@param e string What `encrypt` gave.
---@param adlen? integer How many bytes go before the encrypted text; none when left out.
---@return string? plain The plain text; nil when something was changed.
---@return string? message `decrypt error` then.
function morus.decrypt(key, iv, e, adlen) end

---One step of the state, changed in place.
---@param s integer[] The state: 20 words of 64 bits.
---@param m0 integer The first word of the block.
---@param m1 integer The second word of the block.
---@param m2 integer The third word of the block.
---@param m3 integer The fourth word of the block.
function morus.state_update(s, m0, m1, m2, m3) end

---NORX64-4-1 (version 3.0 of the CAESAR submission): `require(".crypto.cipher.norx")`.
---@class crypto.cipher.norx
---@field key_size integer Bytes of a key: 32.
---@field nonce_size integer Bytes of a nonce: 32.
---@field variant string `NORX 64-4-1`.
local norx = {}

---Encrypts a string.
---@param key string The key, 32 bytes.
---@param nonce string The nonce, 32 bytes.
---@param plain string The plain text.
---@param header? string What is authenticated before it.
---@param trailer? string What is authenticated after it.
---@return crypto.PiecesResult encrypted The encrypted text and the tag of 32 bytes.
function norx.encrypt(key, nonce, plain, header, trailer) end

---Decrypts a string, and checks that it, the header and the trailer are what was encrypted.
---@param key string The key.
---@param nonce string The nonce.
---@param crypted string What `encrypt` gave.
---@param header? string What was authenticated before it.
---@param trailer? string What was authenticated after it.
---@return string? plain The plain text; nil when something was changed.
---@return string? message `auth failure` then.
function norx.decrypt(key, nonce, crypted, header, trailer) end

---A cipher of blocks: `require(".crypto.cipher.aes128")`, `aes192`, `aes256`.
---@class crypto.BlockCipher
---@field blockSize integer Bytes of a block: 16.
local BlockCipher = {}

---Encrypts one block.
---@param key integer[] The key, an array of bytes.
---@param block integer[] The block, an array of bytes.
---@return integer[] block The encrypted block.
function BlockCipher.encrypt(key, block) end

---Decrypts one block.
---@param key integer[] The key, an array of bytes.
---@param block integer[] The block, an array of bytes.
---@return integer[] block The plain block.
function BlockCipher.decrypt(key, block) end

---A padding: `require(".crypto.padding.zero")`.
---@alias crypto.Padding fun(blockSize: integer, byteCount: integer): crypto.Stream

---A mode of block ciphers: `require(".crypto.cipher.mode.cbc")`, `cfb`, `ctr`, `ecb`, `ofb`.
---@class crypto.cipher.mode
local mode = {}

---An object that encrypts.
---@return crypto.ModeObject cipher The object.
function mode.Cipher() end

---An object that decrypts.
---@return crypto.ModeObject decipher The object.
function mode.Decipher() end

---A message on its way through a block cipher. Its first block is the initial vector.
---@class crypto.ModeObject
local ModeObject = {}

---Uses this key.
---@param key integer[] The key, an array of bytes.
---@return crypto.ModeObject self The same object.
function ModeObject.setKey(key) end

---Uses this block cipher.
---@param blockCipher crypto.BlockCipher The cipher.
---@return crypto.ModeObject self The same object.
function ModeObject.setBlockCipher(blockCipher) end

---Uses this padding.
---@param padding crypto.Padding The padding.
---@return crypto.ModeObject self The same object.
function ModeObject.setPadding(padding) end

---Begins a message.
---@return crypto.ModeObject self The same object.
function ModeObject.init() end

---Takes in what is left of a stream.
---@param messageStream crypto.Stream The stream.
---@return crypto.ModeObject self The same object.
function ModeObject.update(messageStream) end

---Ends the message with its padding.
---@return crypto.ModeObject self The same object.
function ModeObject.finish() end

---The queue of what has come out.
---@return crypto.Queue queue The queue.
function ModeObject.getOutputQueue() end

---Takes what has come out as an array of bytes.
---@return integer[] bytes The array.
function ModeObject.asBytes() end

---Takes what has come out in hexadecimal, upper case.
---@return string hex The text.
function ModeObject.asHex() end

---Takes what has come out as a string.
---@return string bytes The string.
function ModeObject.asString() end

-- Message authentication ----------------------------------------------------------------------------------------------

---Message authentication: `require(".crypto.mac")`.
---@class crypto.mac
---@field _version string The version of this module.
local mac = {}

---An HMAC, finished. As on the network its block size is 32 bytes, so it is not the standard's.
---@param data crypto.Stream What is authenticated.
---@param key integer[] The key, an array of bytes.
---@param algorithm? "sha1"|"sha256" The digest; sha1 when left out.
---@return crypto.HMAC hmac The code.
function mac.createHmac(data, key, algorithm) end

---`require(".crypto.mac.hmac")`.
---@class crypto.mac.hmac
local hmac_module = {}

---An HMAC (RFC 2104): set its digest and its key, then `init`, `update`, `finish`.
---@return crypto.HMAC hmac The object.
function hmac_module.HMAC() end

---An HMAC, finished: `crypto.mac.createHmac`.
---@param data crypto.Stream What is authenticated.
---@param key integer[] The key, an array of bytes.
---@param algorithm? "sha1"|"sha256" The digest; sha1 when left out.
---@return crypto.HMAC hmac The code.
function hmac_module.hmac(data, key, algorithm) end

---An HMAC (RFC 2104) over a digest.
---@class crypto.HMAC
local HMAC = {}

---Uses this block size; the standard's is 64.
---@param bytes integer The block size of the digest.
---@return crypto.HMAC self The same object.
function HMAC.setBlockSize(bytes) end

---Uses this digest.
---@param constructor fun(): crypto.Hasher What makes it: `SHA1` or `SHA2_256`.
---@return crypto.HMAC self The same object.
function HMAC.setDigest(constructor) end

---Uses this key. The digest must be set before.
---@param key integer[] The key, an array of bytes.
---@return crypto.HMAC self The same object.
function HMAC.setKey(key) end

---Begins a message.
---@return crypto.HMAC self The same object.
function HMAC.init() end

---Takes in what is left of a stream.
---@param messageStream crypto.Stream The stream.
---@return crypto.HMAC self The same object.
function HMAC.update(messageStream) end

---Ends the message.
---@return crypto.HMAC self The same object.
function HMAC.finish() end

---The code as an array of bytes.
---@return integer[] bytes The array.
function HMAC.asBytes() end

---The code in hexadecimal, lower case.
---@return string hex The text.
function HMAC.asHex() end

---The code as a string.
---@return string bytes The string.
function HMAC.asString() end

-- Keys from passwords -------------------------------------------------------------------------------------------------

---Keys from passwords: `require(".crypto.kdf")`.
---@class crypto.kdf
---@field _version string The version of this module.
local kdf = {}

---A key out of a password (RFC 8018), slowly.
---@param password integer[] The password, an array of bytes.
---@param salt integer[] The salt, an array of bytes.
---@param iterations integer How often the password is mixed in.
---@param keyLen integer Bytes of the key.
---@param digest? "sha1"|"sha256" The digest; sha1 when left out.
---@return crypto.PBKDF2 key The key.
function kdf.pbkdf2(password, salt, iterations, keyLen, digest) end

---`require(".crypto.kdf.pbkdf2")`.
---@class crypto.kdf.pbkdf2
local pbkdf2_module = {}

---A key derivation: set its parts, then `finish`.
---@return crypto.PBKDF2 pbkdf2 The object.
function pbkdf2_module.PBKDF2() end

---A key out of a password: `crypto.kdf.pbkdf2`.
---@param password integer[] The password, an array of bytes.
---@param salt integer[] The salt, an array of bytes.
---@param iterations integer How often the password is mixed in.
---@param keyLen integer Bytes of the key.
---@param digest? "sha1"|"sha256" The digest; sha1 when left out.
---@return crypto.PBKDF2 key The key.
function pbkdf2_module.pbkdf2(password, salt, iterations, keyLen, digest) end

---A key derivation (RFC 8018).
---@class crypto.PBKDF2
local PBKDF2 = {}

---How many bytes the function gives; 16 when not set.
---@param length integer 20 for SHA-1, 32 for SHA-256.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setBlockLen(length) end

---How many bytes the key has; 256 when not set.
---@param length integer The key's length.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setDKeyLen(length) end

---How often the password is mixed in; 4096 when not set.
---@param count integer The count.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setIterations(count) end

---Uses this salt.
---@param saltBytes integer[] The salt, an array of bytes.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setSalt(saltBytes) end

---Uses this password.
---@param passwordBytes integer[] The password, an array of bytes.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setPassword(passwordBytes) end

---Uses this function.
---@param prf crypto.HMAC The function, an HMAC with its digest set.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.setPRF(prf) end

---Makes the key.
---@return crypto.PBKDF2 self The same object.
function PBKDF2.finish() end

---The key as an array of bytes.
---@return integer[] bytes The array.
function PBKDF2.asBytes() end

---The key in hexadecimal, upper case.
---@return string hex The text.
function PBKDF2.asHex() end

---The key as a string.
---@return string bytes The string.
function PBKDF2.asString() end

-- Bytes ---------------------------------------------------------------------------------------------------------------

---Bytes in the forms that the other modules take and give: `require(".crypto.util")`.
---@class crypto.utils
---@field _version string The version of this module.
---@field array crypto.utils.array Arrays of bytes.
---@field stream crypto.utils.stream Functions that give one byte a call.
---@field hex crypto.utils.hex Hexadecimal text.
---@field bit bit32lib Bits of 32-bit words: the global `bit32`.
local utils = {}

---A new queue: first in, first out.
---@return crypto.Queue queue The queue.
function utils.queue() end

---A queue.
---@class crypto.Queue
local Queue = {}

---Puts a value at the end.
---@param value any The value.
function Queue.push(value) end

---Takes the first value.
---@return any value The value; nil when the queue is empty.
function Queue.pop() end

---How many values there are.
---@return integer count The count.
function Queue.size() end

---How many values have been put in.
---@return integer count The count.
function Queue.getHead() end

---How many values have been taken out.
---@return integer count The count.
function Queue.getTail() end

---Forgets everything.
function Queue.reset() end

---Arrays of bytes: `require(".crypto.util.array")`.
---@class crypto.utils.array
local array = {}

---How many values there are.
---@param values any[] The array.
---@return integer count The count.
function array.size(values) end

---The bytes of a string.
---@param string string The string.
---@return integer[] bytes The array.
function array.fromString(string) end

---The string of an array of bytes.
---@param bytes integer[] The array.
---@return string string The string.
function array.toString(bytes) end

---The array of what is left of a stream.
---@param stream crypto.Stream The stream.
---@return integer[] bytes The array.
function array.fromStream(stream) end

---A stream of an array's values, as they are now.
---@param values integer[] The array.
---@return crypto.Stream stream The stream.
function array.toStream(values) end

---The next values of a queue.
---@param queue crypto.Queue The queue.
---@param size integer How many.
---@return any[] values The array.
function array.readFromQueue(queue, size) end

---Puts an array's values into a queue.
---@param queue crypto.Queue The queue.
---@param values any[] The array.
function array.writeToQueue(queue, values) end

---The bytes that hexadecimal text stands for.
---@param hex string The text.
---@return integer[] bytes The array.
function array.fromHex(hex) end

---An array of bytes in hexadecimal, upper case.
---@param bytes integer[] The array.
---@return string hex The text.
function array.toHex(bytes) end

---One array after the other.
---@param a any[] The first.
---@param b any[] The second.
---@return any[] values A new array.
function array.concat(a, b) end

---The first values.
---@param a any[] The array.
---@param size integer How many.
---@return any[] values A new array.
function array.truncate(a, size) end

---Each value of one array xor that of another.
---@param a integer[] One.
---@param b integer[] The other, as long as the first.
---@return integer[] values A new array.
function array.XOR(a, b) end

---Each value replaced by the one that a table has for it.
---@param input integer[] The array.
---@param sbox table<integer, integer> The table.
---@return integer[] values A new array.
function array.substitute(input, sbox) end

---The values in another order.
---@param input any[] The array.
---@param positions integer[] For each place, the place where its value is.
---@return any[] values A new array.
function array.permute(input, positions) end

---A copy.
---@param input any[] The array.
---@return any[] values A new array.
function array.copy(input) end

---A part of an array. Negative places count from the end.
---@param input any[] The array.
---@param start? integer The first place; 1 when left out.
---@param stop? integer The last place; the array's end when left out.
---@return any[] values A new array.
function array.slice(input, start, stop) end

---Streams: `require(".crypto.util.stream")`.
---@class crypto.utils.stream
local stream = {}

---A stream of the bytes of a string.
---@param string string The string.
---@return crypto.Stream stream The stream.
function stream.fromString(string) end

---The string of what is left of a stream.
---@param source crypto.Stream The stream.
---@return string string The string.
function stream.toString(source) end

---A stream of an array's values, as they are now.
---@param array integer[] The array.
---@return crypto.Stream stream The stream.
function stream.fromArray(array) end

---The array of what is left of a stream.
---@param source crypto.Stream The stream.
---@return integer[] bytes The array.
function stream.toArray(source) end

---A stream of the bytes that hexadecimal text stands for.
---@param hex string The text.
---@return crypto.Stream stream The stream.
function stream.fromHex(hex) end

---What is left of a stream in hexadecimal, upper case.
---@param source crypto.Stream The stream.
---@return string hex The text.
function stream.toHex(source) end

---Hexadecimal text: `require(".crypto.util.hex")`.
---@class crypto.utils.hex
local hex = {}

---A string in hexadecimal, lower case.
---@param s string The string.
---@param ln? integer Bytes of a line; all on one line when left out.
---@param sep? string What stands between the bytes of a line.
---@return string hex The text.
function hex.stringToHex(s, ln, sep) end

---The string that hexadecimal text stands for. White space does not count.
---@param hs string The text; an odd count of digits is an error.
---@param unsafe? boolean Whether the text is taken as it is, unchecked.
---@return string string The string.
function hex.hexToString(hs, unsafe) end

return crypto
