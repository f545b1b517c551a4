--- The modes of block ciphers as objects: `setKey`, `setBlockCipher`, `setPadding`, `init`, `update`, `finish`.
-- They work with any block cipher, also one of a process's making. `aes` does not use them: Python is faster.
local _, host = ...
local require = require
require(".crypto.private")
local private = host.crypto
local new = require(".crypto.util.queue")
local array = require(".crypto.util.array")
local type = type

--- A constructor of such objects. `spec`: name (of the module), line (the network's, of a call of the stream; the
-- others are counted from it), queue, encrypt, finish, output (the distances), way (what it calls of the block
-- cipher), iv (the first block is one), step(run, block, iv) -> output block, next iv; after(iv, fail) -> next iv.
function private.mode(spec)
  local fail = private.failure(spec.name)
  local step, way = spec.step, spec.way
  local CALL, QUEUE = spec.line, spec.line + spec.queue
  local CIPHER, ENCRYPT = QUEUE + spec.cipher, QUEUE + spec.cipher + spec.encrypt
  local FINISH = spec.line + spec.finish
  local OUTPUT = FINISH + 22

  return function()
    local object = {}
    local key, blockCipher, padding, inputQueue, outputQueue, iv

    local function run(block)
      local f = blockCipher[way]
      if f == nil then
        fail(ENCRYPT, "attempt to call a nil value (field '%s')", way)
      end
      return f(key, block)
    end

    local function index(value, line, name)
      if type(value) ~= "table" then
        fail(line, "attempt to index a %s value (upvalue '%s')", type(value), name)
      end
    end

    --- Use this key: what the block cipher takes, an array of bytes.
    function object.setKey(value)
      key = value
      return object
    end

    --- Use this block cipher: a table with blockSize, encrypt(key, block), decrypt(key, block).
    function object.setBlockCipher(cipher)
      blockCipher = cipher
      return object
    end

    --- Use this padding: a function of the block size and of the count of bytes that gives a stream.
    function object.setPadding(value)
      padding = value
      return object
    end

    --- Begin a message; its first block is the IV.
    function object.init()
      inputQueue, outputQueue, iv = new(), new(), nil
      return object
    end

    --- Take in what is left of a stream.
    function object.update(messageStream)
      private.callable(messageStream, fail, CALL, "messageStream")
      local value = messageStream()
      while value ~= nil do
        index(inputQueue, QUEUE, "inputQueue")
        inputQueue.push(value)
        index(blockCipher, CIPHER, "blockCipher")
        if inputQueue.size() >= blockCipher.blockSize then
          local block = array.readFromQueue(inputQueue, blockCipher.blockSize)
          if spec.iv and iv == nil then
            iv = block
          else
            local out
            out, iv = step(run, block, iv)
            array.writeToQueue(outputQueue, out)
            if spec.after then
              iv = spec.after(iv, fail)
            end
          end
        end
        value = messageStream()
      end
      return object
    end

    --- End the message: take in the padding.
    function object.finish()
      index(blockCipher, FINISH, "blockCipher")
      if padding == nil then
        fail(FINISH, "attempt to call a nil value (upvalue 'padding')")
      end
      index(inputQueue, FINISH, "inputQueue")
      object.update(padding(blockCipher.blockSize, inputQueue.getHead()))
      return object
    end

    --- The queue of what has come out.
    function object.getOutputQueue()
      return outputQueue
    end

    local function drain(line)
      index(outputQueue, line, "outputQueue")
      return array.readFromQueue(outputQueue, outputQueue.size())
    end

    --- Take what has come out, in hexadecimal.
    function object.asHex()
      return array.toHex(drain(OUTPUT))
    end

    --- Take what has come out, as an array of bytes.
    function object.asBytes()
      return drain(OUTPUT + 8)
    end

    --- Take what has come out, as a string.
    function object.asString()
      return array.toString(drain(OUTPUT + 16))
    end

    return object
  end
end

return {}
