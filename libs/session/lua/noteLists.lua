-- Notes what became known of lists, each piece once.
--
-- KEYS     the lists' logs: a line for each record, as lineOf makes it
-- ARGV     seconds until a list is forgotten; the most bytes of a log; then for each list how the record's line begins, what
--          it holds, the line itself, and its kind
-- Returns  for each list its log, where the record is in it and tells of a report; else nil

local ttl, most = ARGV[1], tonumber(ARGV[2])
local replies = {}
for place, key in ipairs(KEYS) do
  local beginning, content, line, kind = unpack(ARGV, 4 * place - 1, 4 * place + 2)
  local log = redis.call('GET', key) or ''
  local known = string.sub(log, 1, #beginning) == beginning or string.find(log, '\n' .. beginning, 1, true)
  replies[place] = false
  if known or (#log <= most and not string.find(log, content, 1, true)) then
    if not known then
      log = log .. line
    end
    redis.call('SET', key, log, 'EX', ttl)
    -- A list is served before it is reported, almost always. Then nothing is to be counted, and nothing to be sent back.
    if kind == 'reported' or string.find(log, '\n', 1, true) ~= #log then
      replies[place] = log
    end
  end
end
return replies
