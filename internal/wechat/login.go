package wechat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/silenceper/wechat/v2/miniprogram/auth"
	"github.com/silenceper/wechat/v2/util"
)

// codeLife is how long a login code lives, and so how long its identity is kept
// for a retry.
const codeLife = 5 * time.Minute

// codePattern is what a login code may look like. The library puts it into the
// URL as it is.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// Identity is who a login code stands for. UnionID is empty unless the
// mini-program belongs to an open platform account.
type Identity struct{ OpenID, UnionID string }

// Login exchanges the code of wx.login for an identity (code2session). A code
// that is not 1 to 128 letters, digits, "_" or "-" is refused without a call.
//
// The platform takes a code once, within five minutes. A client whose answer is
// lost tries again with the same code, so the exchange is single-flight through
// Redis and its identity is kept for those five minutes under a hash of the
// code: the retry gets the same identity. For the same reason the exchange goes
// on when the caller leaves; the caller leaves at its context's end. While Redis
// is down, only concurrent retries on this instance are joined.
//
// The session key is dropped here; it is never kept. Failures are BadCode,
// TooOften, RiskyUser, BadSetup, Busy or Unknown.
func (c *Client) Login(ctx context.Context, code string) (Identity, error) {
	if !codePattern.MatchString(code) {
		return Identity{}, refuse("login", BadCode, "the code is malformed")
	}
	digest := sha256.Sum256([]byte(code))
	key := c.redisKey("login:" + hex.EncodeToString(digest[:]))
	done := c.logins.DoChan(key, func() (any, error) {
		return c.loginOnce(context.WithoutCancel(ctx), key, code)
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return Identity{}, result.Err
		}
		return result.Val.(Identity), nil
	case <-ctx.Done():
		return Identity{}, c.fail("login", ctx.Err())
	}
}

// loginOnce exchanges the code if no instance has done so or is doing so.
func (c *Client) loginOnce(ctx context.Context, key, code string) (Identity, error) {
	patience := time.Now().Add(c.cfg.Timeout)
	for {
		mine, won, err := acquire(ctx, c.rdb, key, c.cfg.Timeout+2*time.Second)
		if err != nil {
			c.log.Warn("wechat: a login is not shared, Redis does not answer", "error", err)
			return c.exchange(ctx, code)
		}
		if won {
			id, err := c.exchange(ctx, code)
			if err != nil {
				release(ctx, c.rdb, key, mine)
				return Identity{}, err
			}
			c.keepLogin(ctx, key, id)
			return id, nil
		}
		id, found, err := c.findLogin(ctx, key)
		if found {
			return id, nil
		}
		if err != nil || time.Now().After(patience) {
			return c.exchange(ctx, code)
		}
		pause(ctx, 20*time.Millisecond)
	}
}

// exchange makes the call.
func (c *Client) exchange(ctx context.Context, code string) (Identity, error) {
	ctx, cancel := c.call(ctx)
	defer cancel()
	answer, err := auth.NewAuth(c.mini("")).Code2SessionContext(ctx, code)
	if answer.ErrCode != 0 { // the library's error is a plain string
		err = util.NewCommonError("code2session", answer.ErrCode, answer.ErrMsg)
	}
	if err != nil {
		return Identity{}, c.fail("login", err, code, answer.SessionKey)
	}
	if answer.OpenID == "" {
		return Identity{}, refuse("login", Busy, "the answer has no openid")
	}
	return Identity{OpenID: answer.OpenID, UnionID: answer.UnionID}, nil
}

// keptLogin is what lies in Redis. The end is in it because an in-process Redis
// does not expire keys by our clock.
type keptLogin struct {
	OpenID  string    `json:"openid"`
	UnionID string    `json:"unionid,omitempty"`
	Until   time.Time `json:"until"`
}

func (c *Client) keepLogin(ctx context.Context, key string, id Identity) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	raw, err := json.Marshal(keptLogin{id.OpenID, id.UnionID, c.now().Add(codeLife)})
	if err == nil {
		err = c.rdb.Set(ctx, key, raw, codeLife).Err()
	}
	if err != nil {
		c.log.Warn("wechat: a login is not kept for a retry", "error", err)
	}
}

// findLogin looks for the identity of an earlier exchange. A lease or nothing is
// not found; an identity past its time is removed and not found.
func (c *Client) findLogin(ctx context.Context, key string) (Identity, bool, error) {
	short, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	raw, err := c.rdb.Get(short, key).Result()
	if errors.Is(err, redis.Nil) {
		return Identity{}, false, nil
	}
	if err != nil {
		return Identity{}, false, err
	}
	if strings.HasPrefix(raw, leaseMark) {
		return Identity{}, false, nil
	}
	var kept keptLogin
	if err := json.Unmarshal([]byte(raw), &kept); err != nil || kept.OpenID == "" || !c.now().Before(kept.Until) {
		release(ctx, c.rdb, key, raw)
		return Identity{}, false, nil
	}
	return Identity{OpenID: kept.OpenID, UnionID: kept.UnionID}, true, nil
}
