// Package wechat is the house's face of the WeChat platform: log in, ask for a
// telephone number, send a subscribe message, have texts and pictures checked,
// and read what the platform pushes to us.
//
// It stands on silenceper/wechat v2, which no other package may import, and
// closes what that library leaves open:
//
//   - Only the mini-program's own packages are imported. The library's root
//     package reconfigures logrus in its init and links every product.
//   - The library's one HTTP client is replaced by a gate (transport.go). The
//     host names in the library are literals, so the gate rewrites them for the
//     simulator and refuses every host that is not the platform's. Which Client
//     a request belongs to travels in its context; the library's functions that
//     take no context are therefore refused, and none is used here.
//   - Access tokens come from stable_token, are shared through Redis and fetched
//     by one instance at a time (token.go).
//   - Every failure leaves as one *Error that carries the platform's code and no
//     secret (error.go, scrub.go).
//   - Pushes are decoded by our own decoder (callback.go, seal.go, event.go).
//
// Where the library's function takes a context, answers with the code and sends
// what the platform wants, it is used (code2session, msg_sec_check,
// media_check_async). Where it does not (a send without a context, a telephone
// number without openid and with a country code that must not be a number, a
// token whose failure is a plain string), the call is made here with the
// library's HTTP functions, types and errors.
package wechat

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"
)

// defaultTimeout bounds one HTTP call when Config.Timeout is zero.
const defaultTimeout = 5 * time.Second

// redisTimeout bounds one step to Redis. Redis is a help here and never a
// condition, so it must not hold a caller up.
const redisTimeout = 500 * time.Millisecond

// openIDPattern is what an openid may look like. Real ones have 28 characters.
var openIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Config is what a Client must know about the mini-program and its platform.
type Config struct {
	// AppID and Secret identify the mini-program. Both are required.
	AppID, Secret string

	// CallbackToken and CallbackAESKey are those of the message push in the
	// platform's console; the key has 43 characters. Without a token every
	// callback is refused.
	CallbackToken, CallbackAESKey string

	// AllowPlainCallbacks accepts pushes that are not encrypted. It is for the
	// simulator and for tests: in production only safe mode is accepted, because
	// a plain push is signed without its body.
	AllowPlainCallbacks bool

	// BaseURL is empty for the real platform, or the loopback URL of a simulator
	// to which every platform host is then rewritten.
	BaseURL string

	// Timeout bounds each HTTP call, the body included; zero means five seconds.
	Timeout time.Duration

	// ProgramState is the version of the mini-program that a subscribe message
	// opens: "formal" (the default), "trial" or "developer".
	ProgramState string
}

// Client talks to the platform for one mini-program. It is safe for concurrent
// use, and any number of Clients for different mini-programs and simulators may
// live in one process.
type Client struct {
	cfg    Config
	aesKey []byte // nil when no callback key is configured
	route  *route
	rdb    redis.UniversalClient
	now    func() time.Time
	log    *slog.Logger
	tokens *tokenBook
	logins singleflight.Group
}

// New returns a Client, or an error that names every setting that is wrong and
// repeats none of them. It makes no call. The Redis client is required, and may
// be unreachable at any time: then tokens and logins are no longer shared
// between instances, and everything else works. A nil log is silent; a nil now
// is time.Now.
func New(cfg Config, rdb redis.UniversalClient, now func() time.Time, log *slog.Logger) (*Client, error) {
	var faults []error
	if cfg.AppID == "" || cfg.Secret == "" {
		faults = append(faults, errors.New("the AppID and the AppSecret are required"))
	}
	if rdb == nil {
		faults = append(faults, errors.New("a Redis client is required"))
	}
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		faults = append(faults, err)
	}
	aesKey, err := callbackKey(cfg)
	if err != nil {
		faults = append(faults, err)
	}
	switch cfg.ProgramState {
	case "":
		cfg.ProgramState = "formal"
	case "formal", "trial", "developer":
	default:
		faults = append(faults, errors.New("the program state must be formal, trial or developer"))
	}
	if cfg.Timeout < 0 {
		faults = append(faults, errors.New("the time-out must not be negative"))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("wechat: %w", errors.Join(faults...))
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	installGate()
	c := &Client{cfg: cfg, aesKey: aesKey, route: &route{base: base}, rdb: rdb, now: now, log: log}
	c.tokens = &tokenBook{
		rdb: rdb, key: c.redisKey("token"), now: now, log: log, fetch: c.fetchToken, limit: cfg.Timeout,
	}
	return c, nil
}

// redisKey returns the name of a key of this mini-program in Redis.
func (c *Client) redisKey(name string) string {
	return "yanlu:wechat:" + c.cfg.AppID + ":" + name
}

// parseBase reads Config.BaseURL: nil for the empty one, else http on a loopback
// host. The simulator takes any secret it is given, so a base elsewhere would
// send the AppSecret to a stranger.
func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) || u.User != nil ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the base URL must be http on a loopback host, without a path")
	}
	return u, nil
}

// callbackKey reads the EncodingAESKey. It is required with a callback token,
// unless plain callbacks are allowed.
func callbackKey(cfg Config) ([]byte, error) {
	if cfg.CallbackAESKey == "" {
		if cfg.CallbackToken != "" && !cfg.AllowPlainCallbacks {
			return nil, errors.New("safe mode needs the callback's AES key")
		}
		return nil, nil
	}
	return parseAESKey(cfg.CallbackAESKey)
}
