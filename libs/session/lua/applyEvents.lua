-- Applies events to the states of users, each event id once.
--
-- KEYS     the users' hashes. events and items: the state when it was last compacted, which origin names. log: the records
--          of the events that came since.
-- ARGV     seconds until a state is forgotten; then for each user the records of the events, as encodeEvents makes them
-- Returns  for each user nil where there is no state; else the bytes of the log, where every event counts; else a list of
--          these bytes and the places, from 1, of the events that do not: their id is there from another offset

-- A record begins with the event's id and offset. JSON has no line break inside, and encodeEvents leaves no quote in an
-- id, so that only the beginning of a record can look like this.
local BEGINNING = '()(\n%[("?)[^"\n]*%3,)'

local function offset_of(records, beginning)
  local _, last = string.find(records, beginning, 1, true)
  return last and string.match(records, '^[^],]*', last + 1)
end

local function apply(key, records, ttl)
  local state = redis.call('HMGET', key, 'events', 'log')
  local events, log = state[1], state[2] or ''
  if not events then
    return false
  end
  local new, rest, place, uncounted = '', 1, 0, {}
  for start, beginning, quote in string.gmatch(records, BEGINNING) do
    place = place + 1
    local has_id = quote ~= ''
    local known = has_id and (offset_of(log, beginning) or offset_of(events, beginning))
    if known or (has_id and string.find(records, beginning, 1, true) < start) then
      new = new .. string.sub(records, rest, start - 2)
      rest = string.find(records, ',\n', start, true) or #records + 1
      if (known or offset_of(records, beginning)) ~= string.match(records, '^[^],]*', start + #beginning) then
        uncounted[#uncounted + 1] = place
      end
    end
  end
  new = new .. string.sub(records, rest)
  if new ~= '' then
    log = log .. new
    redis.call('HSET', key, 'log', log)
  end
  redis.call('EXPIRE', key, ttl)
  return #uncounted == 0 and #log or { #log, unpack(uncounted) }
end

local replies = {}
for place, key in ipairs(KEYS) do
  replies[place] = apply(key, ARGV[place + 1], ARGV[1])
end
return replies
