--- The number in the middle. Of three or more, one that lies moves it no further than to the next honest one.
return function(numbers)
  table.sort(numbers)
  local middle = #numbers // 2
  if #numbers % 2 == 1 then
    return numbers[middle + 1]
  end
  return (numbers[middle] + numbers[middle + 1]) // 2
end
