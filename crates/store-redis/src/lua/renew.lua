-- Makes a lease last, if it is this owner's. KEYS: 1; ARGV: 1 owner, 2 for how long
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
