package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// redisTimeout bounds every wait for Redis: it carries only what we can do
// without, so that nobody should wait for it.
const redisTimeout = time.Second

// silent is a logger for go-redis, which would print each failed dial to the
// standard error. Whoever asks Redis logs what it means.
type silent struct{}

// Printf implements the logger of go-redis.
func (silent) Printf(context.Context, string, ...any) {}

// quietRedis sets the one logger that go-redis has for the whole program.
var quietRedis = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

// openRedis connects to Redis, or starts one in the process where no address is
// given. The second value ends it.
func openRedis(address string) (*redis.Client, func() error, error) {
	quietRedis()
	if address == "" {
		return inProcessRedis()
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, nil, fmt.Errorf("redis address: %w", err)
	}
	c := redis.NewClient(bounded(o))
	return c, c.Close, nil
}

func bounded(o *redis.Options) *redis.Options {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisTimeout, redisTimeout, redisTimeout, redisTimeout
	o.MaxRetries, o.DialerRetries = 1, 1
	return o
}

// inProcessRedis starts miniredis with a password that nobody knows, since it
// listens on loopback where others may live, and drives its clock: its keys do
// not expire by themselves.
func inProcessRedis() (*redis.Client, func() error, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, nil, fmt.Errorf("start the in-process redis: %w", err)
	}
	c := redis.NewClient(bounded(&redis.Options{Addr: m.Addr(), Password: password}))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		const step = 100 * time.Millisecond
		tick := time.NewTicker(step)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				m.FastForward(now.Sub(last))
				m.SetTime(now)
				last = now
			}
		}
	}()
	return c, func() error {
		cancel()
		err := c.Close()
		m.Close()
		return err
	}, nil
}

// rateLimiter implements api.Limiter.
type rateLimiter struct{ of *redis_rate.Limiter }

// Allow implements api.Limiter.
func (l rateLimiter) Allow(ctx context.Context, subject string, perMinute int) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	r, err := l.of.Allow(ctx, "rate:"+subject, redis_rate.PerMinute(perMinute))
	if err != nil {
		return false, fmt.Errorf("count requests: %w", err)
	}
	return r.Allowed > 0, nil
}

// tickets implements account.Tickets.
type tickets struct{ of *redis.Client }

func ticketKey(id string) string { return "yanlu:ticket:" + id }

// Keep implements account.Tickets.
func (t tickets) Keep(ctx context.Context, id, ticket string, life time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return t.of.Set(ctx, ticketKey(id), ticket, life).Err()
}

// Find implements account.Tickets.
func (t tickets) Find(ctx context.Context, id string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	ticket, err := t.of.Get(ctx, ticketKey(id)).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return ticket, err
}

// changeScript replaces a key that still holds what it is taken for.
var changeScript = redis.NewScript(
	`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`)

// Change implements account.Tickets.
func (t tickets) Change(ctx context.Context, id, was, is string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	n, err := changeScript.Run(ctx, t.of, []string{ticketKey(id)}, was, is).Int()
	return n == 1, err
}
