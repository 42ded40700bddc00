-- Empties a slot, if it is as expected. Answers -1 if not, else how many records were there.
-- KEYS: 1 the records of the issuer by profile, 2 the index of issuers
-- ARGV: 1 profile, 2 what is expected, 3 the tag, or the SHA-1 of the bytes, 4 the issuer
if not is_as_expected(redis.call('HGET', KEYS[1], ARGV[1]), ARGV[2], ARGV[3]) then
  return -1
end
local removed = redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[4])
end
return removed
