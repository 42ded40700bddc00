-- Forgets a device of an issuer. KEYS: 1 the devices by identity; ARGV: 1 identity
return redis.call('HDEL', KEYS[1], ARGV[1])
