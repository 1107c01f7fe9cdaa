-- wrk's part: counts the answers that are not as the file says, and prints how many there were. wrk -s wrk.lua URL -- FILE
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  expected = assert(io.open(arguments[1], "rb")):read("*a")
  wrong = 0
end

function response(status, _, body)
  if status ~= 200 or body ~= expected then wrong = wrong + 1 end
end

function done(summary)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  local errors = summary.errors
  print(("%d answers, %d wrong, %d connections failed, %d reads, %d writes, %d too late"):format(
    summary.requests, wrong, errors.connect, errors.read, errors.write, errors.timeout))
end
