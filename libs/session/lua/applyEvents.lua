-- Applies events to the states of users, each event id once.
--
-- KEYS     the users' hashes. events and items: the state when it was last compacted, which origin names. log: the records
--          of the events that came since.
-- ARGV     seconds until a state is forgotten; then for each user the records of the events, as encodeEvents makes them
-- Returns  for each user nil where there is no state; else the bytes of the log, where every event counts; else a list of
--          these bytes and the places, from 1, of the events that do not: their id is there from another offset

-- A record begins with a line break, the event's id and its offset. JSON has no line break inside, and encodeEvents leaves no
-- quote in an id, so that only the beginning of a record can look like this: "\n[" and the id with its quotes and comma. It
-- is looked for as plain text, many times faster than a pattern.
local QUOTE = string.byte('"')

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
  local kept, rest, place, uncounted, offsets = {}, 1, 0, {}, {}
  local start = 2
  while start do
    place = place + 1
    local next_start = string.find(records, '\n', start + 1, true)
    local _, id_end = string.find(records, '",', start + 3, true)
    if string.byte(records, start + 2) == QUOTE then
      local beginning = string.sub(records, start, id_end)
      local offset = string.match(records, '^[^],]*', id_end + 1)
      local known = offsets[beginning] or offset_of(log, beginning) or offset_of(events, beginning)
      if known then
        kept[#kept + 1] = string.sub(records, rest, start - 2)
        rest = next_start and next_start - 1 or #records + 1
        if known ~= offset then
          uncounted[#uncounted + 1] = place
        end
      else
        offsets[beginning] = offset
      end
    end
    start = next_start
  end
  local new = rest == 1 and records or table.concat(kept) .. string.sub(records, rest)
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
