package config

import (
	"log/slog"
	"time"
)

// The values of the demo are public. Serve refuses each of them.
const (
	demoDatabase   = "sqlite:data/yanlu.db"
	demoEncryption = "yanlu-demo-encryption-key-no-use" // 32 bytes
	demoLookup     = "yanlu-demo-lookup-key-do-not-use" // 32 bytes
	demoAudit      = "yanlu-demo-audit-key-no-real-use" // 32 bytes
	demoAppID      = "wxdemo000000000000"
	demoSecret     = "demosecret0000000000000000000000"
	demoToken      = "demotoken"
	demoAESKey     = "yanludemoyanludemoyanludemoyanludemoyanlude"
)

// Default returns the settings of a mode before any file or environment. Those
// of Demo are complete; those of Serve lack the database, the keys and the
// credentials of WeChat, for which there is no default.
func Default(mode Mode) Config {
	c := Config{
		Listen:         "127.0.0.1:8080",
		TrustedProxies: []string{},
		Log:            Log{Level: slog.LevelInfo, Format: "text"},
		Database:       Database{MaxOpenConns: 20},
		WeChat: WeChat{
			ProgramState: "formal",
			BindPage:     "pages/bind/index",
			Timeout:      5 * time.Second,
			Templates:    map[string]Template{},
		},
		Session: Session{Sliding: 720 * time.Hour, Absolute: 4320 * time.Hour},
		Limits:  Limits{RequestsPerMinute: 120, LoginPerHour: 60, BindingPerHour: 10},
		Push: Push{
			Interval: time.Second, Batch: 20, Lease: time.Minute, MaxAttempts: 8,
		},
		Jobs:        Jobs{Tidy: 10 * time.Minute, Check: 2 * time.Second, Audit: 2 * time.Second, Undelivered: 10 * time.Minute, Recount: 5 * time.Second, Remind: time.Minute, Feedback: 2 * time.Second},
		Safety:      Safety{Batch: 20, Lease: 2 * time.Minute, Patience: 48 * time.Hour},
		Idempotency: Idempotency{Keep: 720 * time.Hour},
		Files: Files{
			MaxPicture: 20 << 20, MaxFile: 50 << 20, MaxPixels: 50_000_000, MaxSide: 2560,
			MaxWaiting: 60, KeepWaiting: 24 * time.Hour, UploadTimeout: 10 * time.Minute, Link: 15 * time.Minute,
		},
		HTTP: HTTP{
			ReadTimeout:       15 * time.Second,
			WriteTimeout:      30 * time.Second,
			IdleTimeout:       2 * time.Minute,
			ReadHeaderTimeout: 5 * time.Second,
			Shutdown:          20 * time.Second,
			MaxBody:           1 << 20,
		},
	}
	if mode == Demo {
		c.completeDemo()
	}
	return c
}

// completeDemo gives what has no default, and was not set, the demo's value.
func (c *Config) completeDemo() {
	if c.Database.URL.IsZero() {
		c.Database.URL = NewURL(demoDatabase)
	}
	if c.Keys.Encryption.IsZero() {
		c.Keys.Encryption = NewKey([]byte(demoEncryption))
	}
	if c.Keys.Lookup.IsZero() {
		c.Keys.Lookup = NewKey([]byte(demoLookup))
	}
	if c.Keys.Audit.IsZero() {
		c.Keys.Audit = NewKey([]byte(demoAudit))
	}
	if c.WeChat.AppID == "" {
		c.WeChat.AppID = demoAppID
	}
	if c.WeChat.Secret.IsZero() {
		c.WeChat.Secret = NewSecret(demoSecret)
	}
	if c.WeChat.CallbackToken.IsZero() {
		c.WeChat.CallbackToken = NewSecret(demoToken)
	}
	if c.WeChat.CallbackAESKey.IsZero() {
		c.WeChat.CallbackAESKey = NewSecret(demoAESKey)
	}
}
