-- Notes what became known of lists, each piece once.
--
-- KEYS     the lists' logs: a line for each record, as lineOf makes it
-- ARGV     seconds until a list is forgotten; the most bytes of a log; then for each list the record's line
-- Returns  for each list 1 where a report is all that is known of it; else its log, where the record is in it and tells of a
--          report; else nil

local ttl, most = ARGV[1], tonumber(ARGV[2])

local function note(key, line)
  local reports = string.sub(line, -2) ~= '\t\n'
  -- Most lists are new, or were served and are now reported for the first time.
  if redis.call('SET', key, line, 'NX', 'EX', ttl) then
    return reports and 1
  end
  local log = redis.call('GET', key)
  local beginning, content = string.match(line, '^([^\t]*\t)([^\t]*\t)')
  local known = string.sub(log, 1, #beginning) == beginning or string.find(log, '\n' .. beginning, 1, true)
  if not known and (#log > most or string.find(log, '\t' .. content, 1, true)) then
    return false
  end
  if not known then
    log = log .. line
  end
  redis.call('SET', key, log, 'EX', ttl)
  -- A list is served before it is reported, almost always. Then nothing is to be counted, and nothing to be sent back.
  return (reports or string.find(log, '\n', 1, true) ~= #log) and log
end

local replies = {}
for place, key in ipairs(KEYS) do
  replies[place] = note(key, ARGV[place + 2])
end
return replies
