-- Marks a part as one of a sealed store. KEYS: 1 the mark
redis.call('SET', KEYS[1], 1)
return 1
