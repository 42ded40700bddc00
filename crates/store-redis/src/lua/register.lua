-- Keeps a registered capability. The first to come give way.
-- KEYS: 1 the blocks by CID, 2 the CIDs by when they came
-- ARGV: 1 CID, 2 block, 3 for how many there is room, 4 until when it is of use, 5 the least time
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], string.format('%d', time[1] * 1000000 + time[2]), ARGV[1])
local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
if excess > 0 then
  local first = redis.call('ZRANGE', KEYS[2], 0, math.min(excess, 1000) - 1)
  redis.call('ZREM', KEYS[2], unpack(first))
  redis.call('HDEL', KEYS[1], unpack(first))
end
local left = math.max(tonumber(ARGV[4]) - time[1] * 1000, tonumber(ARGV[5]))
for i = 1, 2 do
  if left > redis.call('PTTL', KEYS[i]) then
    redis.call('PEXPIRE', KEYS[i], string.format('%d', left))
  end
end
return 1
