-- Empties all slots of an issuer; answers which.
-- KEYS: 1 the records of the issuer by profile, 2 the index of issuers; ARGV: 1 the issuer
local profiles = redis.call('HKEYS', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return profiles
