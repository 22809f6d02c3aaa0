-- Sends the requests of a folder in turn, compares every answer with those that were found right before, and prints
-- one line of JSON. Usage: wrk -s load.lua URL -- FOLDER COUNT CONTENT_TYPE KEY
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end

function init(args)
  local folder, count = args[1], tonumber(args[2])
  local headers = { ["Content-Type"] = args[3] }
  if args[4] ~= "" then headers["Authorization"] = "Bearer " .. args[4] end
  requests, right, refused, wrong, sent = {}, {}, 0, 0, 0
  for index = 1, count do
    requests[index] = wrk.format("POST", nil, headers, read(folder .. "/request-" .. index))
    right[read(folder .. "/answer-" .. index)] = true
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function response(status, headers, body)
  if status ~= 200 then
    refused = refused + 1
  elseif not right[body] then
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local refused, wrong = 0, 0
  for _, thread in ipairs(threads) do
    refused = refused + thread:get("refused")
    wrong = wrong + thread:get("wrong")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"refused":%d,"wrong":%d,"broken":%d,"p50_us":%.1f,"p90_us":%.1f,"p99_us":%.1f,"max_us":%.1f}\n',
    summary.requests, summary.duration / 1e6, refused, wrong,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max))
end
