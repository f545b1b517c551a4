---@meta

---A table from values (0 … 63, and 64 for the padding) to codes of letters.
---@alias base64.Encoder table<integer, integer>

---A table from codes of letters to values.
---@alias base64.Decoder table<integer, integer>

---Base64 (RFC 4648), with alphabets of one's own: `require(".base64")`.
---@class base64
local base64 = {}

---The alphabet for `encode`.
---@param s62? string The letter of 62; "+" when left out.
---@param s63? string The letter of 63; "/" when left out.
---@param spad? string The padding; "=" when left out.
---@return base64.Encoder encoder The alphabet.
function base64.makeencoder(s62, s63, spad) end

---The alphabet for `decode`.
---@param s62? string The letter of 62; "+" when left out.
---@param s63? string The letter of 63; "/" when left out.
---@param spad? string The padding; "=" when left out.
---@return base64.Decoder decoder The alphabet.
function base64.makedecoder(s62, s63, spad) end

---Bytes as text.
---@param str string The bytes.
---@param encoder? base64.Encoder Another alphabet.
---@param caching? boolean Changes nothing that can be seen.
---@return string text The text.
function base64.encode(str, encoder, caching) end

---Text as bytes. What is no letter of the alphabet is passed over.
---@param b64 string The text.
---@param decoder? base64.Decoder Another alphabet.
---@param caching? boolean Changes nothing that can be seen.
---@return string str The bytes.
function base64.decode(b64, decoder, caching) end

return base64
