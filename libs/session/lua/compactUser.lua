-- Puts a state with its log merged in, in the place of both, unless events came meanwhile.
--
-- KEYS[1]  the user's hash, as applyEvents.lua keeps it
-- ARGV     origin of the state and bytes of the log that were merged; origin, events and items of the result

if redis.call('HGET', KEYS[1], 'origin') == ARGV[1] and redis.call('HSTRLEN', KEYS[1], 'log') == tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'origin', ARGV[3], 'events', ARGV[4], 'items', ARGV[5])
  redis.call('HDEL', KEYS[1], 'log')
end
