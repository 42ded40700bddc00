-- Puts a record into a slot, if the slot is as expected. Answers 1 when that was done, 0 when the
-- slot was not as expected, -1 for a plain record in a store that is sealed, or in the place of a
-- sealed record whose mark has gone.
-- KEYS: 1 the records of the issuer by profile, 2 the index of issuers, 3 the mark of a sealed store
-- ARGV: 1 profile, 2 what is expected: any, absent, tag or bytes, 3 the tag, or the SHA-1 of the
--       bytes, 4 the new tag, 5 when the record expires, 6 the record, 7 the issuer, 8 when the
--       engine may delete it: a time, 'never', or '' where it never deletes anything, 9 plain or
--       sealed
if ARGV[9] == 'plain' and redis.call('EXISTS', KEYS[3]) == 1 then
  return -1
end
local had = redis.call('HGET', KEYS[1], ARGV[1])
if not is_as_expected(had, ARGV[2], ARGV[3]) then
  return 0
end
if ARGV[9] == 'plain' and had and tag_of(had) and string.sub(had, 99, 117) == 'did-session sealed ' then
  return -1
end
local left = ARGV[8] == '' and -2 or redis.call('PTTL', KEYS[1])
local value = MAGIC .. ARGV[4] .. ARGV[5] .. redis.sha1hex(ARGV[6]) .. ARGV[6]
redis.call('HSET', KEYS[1], ARGV[1], value)
if not had then
  redis.call('ZADD', KEYS[2], 0, ARGV[7])
end
if ARGV[8] == '' or ARGV[8] == 'never' then
  redis.call('PERSIST', KEYS[1])
elseif left ~= -1 then
  -- a new key, or one that is to be deleted: with the last of its records
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local till = math.max(tonumber(ARGV[8]), left > 0 and now + left or 0)
  redis.call('PEXPIREAT', KEYS[1], string.format('%d', till))
end
return 1
