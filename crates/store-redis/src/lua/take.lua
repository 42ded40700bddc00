-- Gives a lease to an owner, if it is nobody's or this owner's. KEYS: 1; ARGV: 1 owner, 2 for how long
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
