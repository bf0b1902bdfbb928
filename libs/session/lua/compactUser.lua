-- Puts a state with its log merged in, in the place of both, unless events came meanwhile.
--
-- KEYS[1]  the user's hash, as applyEvents.lua keeps it
-- ARGV     origin and applied of the state that was merged; events and items of the result

local state = redis.call('HMGET', KEYS[1], 'origin', 'applied')
if state[1] == ARGV[1] and state[2] == ARGV[2] then
  redis.call('HSET', KEYS[1], 'events', ARGV[3], 'items', ARGV[4])
  redis.call('HDEL', KEYS[1], 'log', 'logged')
end
