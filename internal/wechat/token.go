package wechat

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/silenceper/wechat/v2/credential"
	"golang.org/x/sync/singleflight"
)

const (
	// renewBefore is how long before its end a token is renewed. In the last
	// five minutes stable_token gives a new one while the old one stays valid;
	// before that it would only give the same again.
	renewBefore = 4 * time.Minute
	// renewPause is how long a token that could not be renewed is used before
	// the next try, so that a platform in trouble is not asked by every call.
	renewPause = 30 * time.Second
	// lastUse is how close to its end a token may still be used.
	lastUse = 10 * time.Second
	// longestLife is the platform's longest life of a token.
	longestLife = 2 * time.Hour
)

// accessToken is a token with its end, and until when it is used as it is.
type accessToken struct {
	value   string
	expires time.Time
	restful time.Time // no try to renew before this time
}

// fresh reports whether the token may be used without asking for another.
func (t accessToken) fresh(now time.Time) bool {
	if t.value == "" {
		return false
	}
	return now.Before(t.expires.Add(-renewBefore)) || t.usable(now) && now.Before(t.restful)
}

// usable reports whether the platform still takes the token.
func (t accessToken) usable(now time.Time) bool {
	return t.value != "" && now.Before(t.expires.Add(-lastUse))
}

// tokenBook keeps the one access token of a mini-program. The token lies in
// Redis for all instances and in this process for the time when Redis is down.
// One instance at a time asks the platform, and force_refresh is never used: it
// would make the token of every other user of the AppID invalid at once.
type tokenBook struct {
	rdb   redis.UniversalClient
	key   string
	now   func() time.Time
	log   *slog.Logger
	fetch func(context.Context) (value string, life time.Duration, err error)
	limit time.Duration // for the fetch and for waiting on another instance's

	flight singleflight.Group
	mu     sync.Mutex
	held   accessToken
}

// GetAccessToken is GetAccessTokenContext without a deadline. The library's
// interface wants it.
func (b *tokenBook) GetAccessToken() (string, error) {
	return b.GetAccessTokenContext(context.Background())
}

// GetAccessTokenContext returns a token that the platform takes at this moment.
// Concurrent callers share one fetch, which goes on when the first of them
// leaves; each leaves at its own context's end.
func (b *tokenBook) GetAccessTokenContext(ctx context.Context) (string, error) {
	if held := b.local(); held.fresh(b.now()) {
		return held.value, nil
	}
	done := b.flight.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*b.limit+3*redisTimeout)
		defer cancel()
		return b.renew(ctx)
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return "", result.Err
		}
		return result.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// drop forgets a token that the platform refused, here and in Redis, unless it
// has been replaced meanwhile.
func (b *tokenBook) drop(ctx context.Context, failed string) {
	b.mu.Lock()
	if b.held.value == failed {
		b.held = accessToken{}
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := dropScript.Run(ctx, b.rdb, []string{b.key}, failed).Err(); err != nil {
		b.log.Warn("wechat: the refused token stays in Redis", "error", err)
	}
}

// dropScript deletes the shared token if it is the one that failed.
var dropScript = redis.NewScript(
	`local v = redis.call('GET', KEYS[1])
if v and string.match(v, '^%d+ (.*)$') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

// renew takes another instance's token or fetches one. When the platform does
// not give one, the old token is used as long as it lasts.
func (b *tokenBook) renew(ctx context.Context) (string, error) {
	old := b.local()
	shared, err := b.load(ctx)
	if err != nil {
		b.log.Warn("wechat: the token is not shared, Redis does not answer", "error", err)
		return b.refetch(ctx, old, false)
	}
	deadline := time.Now().Add(b.limit)
	for {
		if shared.fresh(b.now()) {
			b.keep(shared)
			return shared.value, nil
		}
		if shared.usable(b.now()) {
			old = shared
		}
		mine, won, err := acquire(ctx, b.rdb, b.key+":lock", b.limit+3*redisTimeout)
		if err != nil {
			return b.refetch(ctx, old, false)
		}
		if won {
			defer release(ctx, b.rdb, b.key+":lock", mine)
			// Another may have stored a token between our look and our lease.
			if again, err := b.load(ctx); err == nil && again.fresh(b.now()) {
				b.keep(again)
				return again.value, nil
			}
			return b.refetch(ctx, old, true)
		}
		if time.Now().After(deadline) || !pause(ctx, 20*time.Millisecond) {
			// The holder is stuck. Asking as well costs one call: stable_token
			// gives both of us the same token.
			return b.refetch(ctx, old, true)
		}
		if shared, err = b.load(ctx); err != nil {
			return b.refetch(ctx, old, false)
		}
	}
}

// refetch asks the platform and keeps the answer, in Redis too if that is up.
func (b *tokenBook) refetch(ctx context.Context, old accessToken, redisUp bool) (string, error) {
	asked := b.now()
	value, life, err := b.fetch(ctx)
	now := b.now()
	if err != nil {
		if !old.usable(now) {
			return "", err
		}
		b.log.Warn("wechat: the token could not be renewed yet", "error", err)
		old.restful = now.Add(renewPause)
		b.keep(old)
		return old.value, nil
	}
	fetched := accessToken{value: value, expires: asked.Add(min(life, longestLife)), restful: now.Add(renewPause)}
	b.keep(fetched)
	if redisUp {
		b.store(ctx, fetched)
	}
	return value, nil
}

func (b *tokenBook) local() accessToken {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

func (b *tokenBook) keep(t accessToken) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = t
}

// load reads the shared token: the zero one when there is none, an error when
// Redis fails. Its form is "<end in Unix milliseconds> <token>"; the end is in
// it because an in-process Redis does not expire keys by our clock.
func (b *tokenBook) load(ctx context.Context) (accessToken, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	raw, err := b.rdb.Get(ctx, b.key).Result()
	if errors.Is(err, redis.Nil) {
		return accessToken{}, nil
	}
	if err != nil {
		return accessToken{}, err
	}
	end, value, _ := strings.Cut(raw, " ")
	millis, err := strconv.ParseInt(end, 10, 64)
	if err != nil || value == "" {
		return accessToken{}, nil
	}
	return accessToken{value: value, expires: time.UnixMilli(millis)}, nil
}

func (b *tokenBook) store(ctx context.Context, t accessToken) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	raw := strconv.FormatInt(t.expires.UnixMilli(), 10) + " " + t.value
	if err := b.rdb.Set(ctx, b.key, raw, t.expires.Sub(b.now())+time.Second).Err(); err != nil {
		b.log.Warn("wechat: the token is not shared, Redis does not answer", "error", err)
	}
}

// pinned is a token handle that gives one token. Each try of a call has its own,
// so that it is known which token failed.
type pinned string

var (
	_ credential.AccessTokenContextHandle = (*tokenBook)(nil)
	_ credential.AccessTokenContextHandle = pinned("")
)

// GetAccessToken returns the token.
func (p pinned) GetAccessToken() (string, error) { return string(p), nil }

// GetAccessTokenContext returns the token.
func (p pinned) GetAccessTokenContext(context.Context) (string, error) { return string(p), nil }
