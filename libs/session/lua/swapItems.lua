-- Puts a dataset group's statistics, made aside, in the place of those that are there.
--
-- KEYS     the keys in use, then as many made aside, in the same order; the state is the last of each
-- ARGV     1 where only an absent state is to be replaced
-- Returns  1 where they were replaced

local half = #KEYS / 2
local replaces = ARGV[1] ~= '1' or redis.call('EXISTS', KEYS[half]) == 0
for place = 1, half do
  local used, aside = KEYS[place], KEYS[half + place]
  if not replaces then
    redis.call('UNLINK', aside)
  elseif redis.call('EXISTS', aside) == 1 then
    redis.call('RENAME', aside, used)
    redis.call('PERSIST', used)
  else
    redis.call('UNLINK', used)
  end
end
return replaces and 1 or 0
