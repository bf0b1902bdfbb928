-- Applies events to one user's state, each event id once.
--
-- KEYS[1]  the user's hash. events and items: the state when it was last compacted. log: the records of the events that
--          came since, and logged, how many. origin and applied make the revision.
-- ARGV     seconds until the state is forgotten;
--          origin, events and items of the state from the archive, or three empty strings;
--          then for each event its id, its offset and its record, all as JSON. A record begins with id and offset.
-- Returns  nil where there is no state and none was given; else logged, and for each event 1 where it counts and 0
--          where its id is there from another offset.

local ttl, origin = ARGV[1], ARGV[2]
local state = redis.call('HMGET', KEYS[1], 'events', 'log', 'logged')
local events, log, logged = state[1], state[2] or '', tonumber(state[3] or 0)

if not events then
  if origin == '' then
    return false
  end
  events = ARGV[3]
  redis.call('HSET', KEYS[1], 'origin', origin, 'applied', 0, 'events', events, 'items', ARGV[4])
end

-- JSON has no line break inside, so only the beginning of a record can look like this.
local function offset_of(records, id)
  local _, last = string.find(records, '\n[' .. id .. ',', 1, true)
  return last and string.match(records, '^[^],]*', last + 1)
end

local reply = { 0 }
local new = 0
for place = 5, #ARGV, 3 do
  local id, offset, record = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  local known = id ~= 'null' and (offset_of(log, id) or offset_of(events, id))
  if not known then
    log = log .. record
    new = new + 1
  end
  reply[#reply + 1] = (not known or known == offset) and 1 or 0
end

logged = logged + new
if new > 0 then
  redis.call('HSET', KEYS[1], 'log', log, 'logged', logged)
  redis.call('HINCRBY', KEYS[1], 'applied', new)
end
redis.call('EXPIRE', KEYS[1], ttl)
reply[1] = logged
return reply
