--- A queue: a function that gives a new one, first in, first out.
return function()
  local items, head, tail = {}, 0, 0
  local queue = {}

  --- Put a value at the end.
  function queue.push(value)
    head = head + 1
    items[head] = value
  end

  --- Take the first value; nil when the queue is empty.
  function queue.pop()
    if tail >= head then
      return nil
    end
    tail = tail + 1
    local value = items[tail]
    items[tail] = nil
    return value
  end

  --- How many values there are.
  function queue.size()
    return head - tail
  end

  --- How many values have been put in.
  function queue.getHead()
    return head
  end

  --- How many values have been taken out.
  function queue.getTail()
    return tail
  end

  --- Forget everything.
  function queue.reset()
    items, head, tail = {}, 0, 0
  end

  return queue
end
