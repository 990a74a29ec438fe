package wechat

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/redis/go-redis/v9"
)

// releaseScript deletes a key if it still holds the value, so that nobody ends
// the lease of another who came after it ran out.
var releaseScript = redis.NewScript(
	`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)

// acquire takes a lease on the key. It returns the value that stands for it and
// whether the lease is ours; a failing Redis is an error.
func acquire(ctx context.Context, rdb redis.UniversalClient, key string, ttl time.Duration) (string, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	mine := leaseMark + rand.Text()
	won, err := rdb.SetNX(ctx, key, mine, ttl).Result()
	return mine, won, err
}

// leaseMark begins every lease's value, so that a key that may hold a lease or a
// result tells which it is.
const leaseMark = "lease "

// release ends what acquire began. It works with a cancelled context, and leaves
// the lease to run out when Redis fails.
func release(ctx context.Context, rdb redis.UniversalClient, key, mine string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTimeout)
	defer cancel()
	_ = releaseScript.Run(ctx, rdb, []string{key}, mine).Err()
}

// pause waits a little, or until the context ends; it reports whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
