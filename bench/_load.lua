-- For wrk: asks the targets of a file in turn, each with a number of its own behind it, so that no answer is kept twice.
-- Arguments: the path, the file, the first number, "once" or "again" (without a number: the same few questions again and again).
local path, targets, number, once = "", {}, 0, true

function init(arguments)
  path = arguments[1]
  for line in io.lines(arguments[2]) do
    targets[#targets + 1] = line
  end
  number = tonumber(arguments[3])
  once = arguments[4] == "once"
end

function request()
  number = number + 1
  local target = targets[number % #targets + 1]
  if once then
    target = target .. "%0A%23" .. number
  end
  return "GET " .. path .. target .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/sparql-results+json\r\n\r\n"
end

function response(status)
  if status ~= 200 then
    error("status " .. status)
  end
end

function done(summary, latency)
  io.write(string.format("%d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99)))
end
