-- Puts a seal in the place of another one, if that is as expected; answers whether it was.
-- KEYS: 1 the seal; ARGV: 1 the new seal, 2 what is expected: absent or bytes, 3 the bytes
local had = redis.call('GET', KEYS[1])
if ARGV[2] == 'absent' then
  if had then
    return 0
  end
elseif had ~= ARGV[3] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
