package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	sqlitePrefix = "sqlite:"
	folderPrefix = "folder:"
	keySize      = 32 // bytes of each key, for AES-256 and HMAC-SHA256
)

// validate checks what holds in every mode. What is not set is left to
// validateServe.
func (c *Config) validate(p *problems) {
	c.validateAddresses(p)
	c.validateDatabase(p)
	c.validateRanges(p)
	c.validateWeChat(p)
	c.validateTemplates(p)
	if c.Log.Format != "text" && c.Log.Format != "json" {
		p.add("log.format", "must be text or json, not %q", c.Log.Format)
	}
	if !c.Keys.Encryption.IsZero() && c.Keys.Encryption.Equal(c.Keys.Lookup.Secret) {
		p.add("keys.lookup", "must differ from keys.encryption")
	}
	if !c.Keys.Audit.IsZero() && (c.Keys.Audit.Equal(c.Keys.Encryption.Secret) || c.Keys.Audit.Equal(c.Keys.Lookup.Secret)) {
		p.add("keys.audit", "must differ from the other two keys")
	}
}

func (c *Config) validateAddresses(p *problems) {
	_, port, err := net.SplitHostPort(c.Listen)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		p.add("listen", `must be HOST:PORT such as "127.0.0.1:8080", not %q`, c.Listen)
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || !isPublic(u)) {
		p.add("public_url", `must be https://HOST, with a path at most, and without a slash at its end`) // and is not repeated: it may have a password
	}
	for _, network := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(network)
		switch {
		case err != nil:
			p.add("trusted_proxies", `must have networks such as "10.0.0.0/8" or "127.0.0.1/32", not %q`, network)
		case prefix.Bits() == 0:
			p.add("trusted_proxies", "must name the proxies: %q would let everybody choose an address", network)
		}
	}
}

// isPublic reports whether an address may be given to WeChat. Without TLS it may
// be on this machine alone, for the simulated WeChat.
func isPublic(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return (u.Scheme == "https" || u.Scheme == "http" && loopback) && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(u.Path, "/")
}

func (c *Config) validateDatabase(p *problems) {
	text := c.Database.URL.Reveal()
	if file, ok := strings.CutPrefix(text, sqlitePrefix); ok {
		if file == "" || strings.HasSuffix(file, "/") || strings.ContainsAny(file, "?#%") || strings.HasPrefix(file, ":") {
			p.add("database.url", `must name a file after "sqlite:", without ? # %% in its path`)
		}
	} else if text != "" {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || len(u.Path) < 2 {
			p.add("database.url", "must be sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
		}
	}
	c.validateFiles(p)
	if text := c.Redis.URL.Reveal(); text != "" {
		u, err := url.Parse(text)
		socket := err == nil && u.Scheme == "unix" && u.Path != ""
		server := err == nil && (u.Scheme == "redis" || u.Scheme == "rediss") && u.Host != ""
		if !socket && !server {
			p.add("redis.url", "must be redis://HOST:PORT/DB, rediss://… or unix://PATH, or empty")
		}
	}
}

func (c *Config) validateFiles(p *problems) {
	text := c.Files.URL.Reveal()
	if folder, ok := strings.CutPrefix(text, folderPrefix); text == "" || ok && folder != "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil || strings.Count(u.Path, "/") != 1 || len(u.Path) < 2 {
		p.add("files.url", "must be folder:PATH or s3://KEY:SECRET@HOST/BUCKET, or empty")
		return
	}
	for name, values := range map[string][]string{"style": {"path", "host"}, "scheme": {"https", "http"}} {
		if given := u.Query().Get(name); given != "" && !slices.Contains(values, given) {
			p.add("files.url", "must have as its %s %s", name, strings.Join(values, " or "))
		}
	}
}

func (c *Config) validateRanges(p *problems) {
	for _, n := range []struct {
		key              string
		value, low, high int64
	}{
		{"database.max_open_conns", int64(c.Database.MaxOpenConns), 1, 1000},
		{"limits.requests_per_minute", int64(c.Limits.RequestsPerMinute), 1, 100_000},
		{"limits.login_per_hour", int64(c.Limits.LoginPerHour), 1, 100_000},
		{"limits.binding_per_hour", int64(c.Limits.BindingPerHour), 1, 100_000},
		{"push.batch", int64(c.Push.Batch), 1, 1000},
		{"safety.batch", int64(c.Safety.Batch), 1, 1000},
		{"push.max_attempts", int64(c.Push.MaxAttempts), 1, 100},
		{"files.max_picture", c.Files.MaxPicture, 1 << 10, 100 << 20},
		{"files.max_file", c.Files.MaxFile, 1 << 10, 1 << 30},
		{"files.max_pixels", int64(c.Files.MaxPixels), 1 << 10, 200_000_000},
		{"files.max_side", int64(c.Files.MaxSide), 480, 8192},
		{"files.max_waiting", int64(c.Files.MaxWaiting), 1, 1000},
		{"http.max_body", c.HTTP.MaxBody, 1 << 10, 64 << 20},
	} {
		if n.value < n.low || n.value > n.high {
			p.add(n.key, "must be from %d to %d, not %d", n.low, n.high, n.value)
		}
	}
	const year = 365 * 24 * time.Hour
	for _, d := range []struct {
		key              string
		value, low, high time.Duration
	}{
		{"wechat.timeout", c.WeChat.Timeout, 100 * time.Millisecond, time.Minute},
		{"session.sliding", c.Session.Sliding, time.Minute, year},
		{"session.absolute", c.Session.Absolute, time.Minute, year},
		{"push.interval", c.Push.Interval, 10 * time.Millisecond, time.Hour},
		{"push.lease", c.Push.Lease, time.Second, time.Hour},
		{"jobs.check", c.Jobs.Check, 10 * time.Millisecond, time.Hour},
		{"safety.lease", c.Safety.Lease, time.Second, time.Hour},
		{"safety.patience", c.Safety.Patience, time.Minute, year},
		{"jobs.tidy", c.Jobs.Tidy, time.Second, 24 * time.Hour},
		{"jobs.audit", c.Jobs.Audit, 10 * time.Millisecond, time.Hour},
		{"jobs.undelivered", c.Jobs.Undelivered, time.Second, 24 * time.Hour},
		{"jobs.recount", c.Jobs.Recount, time.Second, time.Hour},
		{"jobs.remind", c.Jobs.Remind, time.Second, time.Hour},
		{"jobs.feedback", c.Jobs.Feedback, time.Second, time.Hour},
		{"idempotency.keep", c.Idempotency.Keep, time.Hour, year},
		{"files.keep_waiting", c.Files.KeepWaiting, time.Hour, year},
		{"files.upload_timeout", c.Files.UploadTimeout, 10 * time.Second, time.Hour},
		{"files.link", c.Files.Link, time.Minute, 15 * time.Minute},
		{"http.read_timeout", c.HTTP.ReadTimeout, time.Second, 10 * time.Minute},
		{"http.write_timeout", c.HTTP.WriteTimeout, time.Second, 10 * time.Minute},
		{"http.idle_timeout", c.HTTP.IdleTimeout, time.Second, time.Hour},
		{"http.read_header_timeout", c.HTTP.ReadHeaderTimeout, time.Second, 10 * time.Minute},
		{"http.shutdown", c.HTTP.Shutdown, time.Second, 10 * time.Minute},
	} {
		if d.value < d.low || d.value > d.high {
			p.add(d.key, "must be from %s to %s, not %s", d.low, d.high, d.value)
		}
	}
	for _, d := range []struct {
		key    string
		value  time.Duration
		within string
		limit  time.Duration
	}{
		{"session.sliding", c.Session.Sliding, "session.absolute", c.Session.Absolute},
		{"http.read_header_timeout", c.HTTP.ReadHeaderTimeout, "http.read_timeout", c.HTTP.ReadTimeout},
		{"wechat.timeout", c.WeChat.Timeout, "push.lease", c.Push.Lease - time.Second}, // a call must end within its claim,
		{"wechat.timeout", c.WeChat.Timeout, "safety.lease", c.Safety.Lease/2 - time.Millisecond},
	} {
		if d.value > d.limit && !p.seen[d.key] && !p.seen[d.within] {
			p.add(d.key, "must be at most %s, as %s is set, not %s", d.limit, d.within, d.value)
		}
	}
}

// validateWeChat checks the form in which the platform's console gives out its
// values, which finds a cut or a mixed-up one before the platform does.
func (c *Config) validateWeChat(p *problems) {
	for _, v := range []struct{ key, value, pattern, form string }{
		{"wechat.appid", c.WeChat.AppID, `^wx[0-9a-z]{16}$`, `"wx" and 16 letters and digits`},
		{"wechat.secret", c.WeChat.Secret.Reveal(), `^[0-9A-Za-z]{32}$`, "32 letters and digits"},
		{"wechat.callback_token", c.WeChat.CallbackToken.Reveal(), `^[0-9A-Za-z]{3,32}$`, "3 to 32 letters and digits"},
		{"wechat.callback_aes_key", c.WeChat.CallbackAESKey.Reveal(), `^[0-9A-Za-z]{43}$`, "43 letters and digits"},
	} {
		if v.value != "" && !regexp.MustCompile(v.pattern).MatchString(v.value) {
			p.add(v.key, "must be %s", v.form)
		}
	}
	if !regexp.MustCompile(`^[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$`).MatchString(c.WeChat.BindPage) || len(c.WeChat.BindPage) > 128 {
		p.add("wechat.bind_page", "must be a page of the mini-program, without a slash before it and without parameters")
	}
	if !slices.Contains([]string{"formal", "trial", "developer"}, c.WeChat.ProgramState) {
		p.add("wechat.program_state", "must be formal, trial or developer, not %q", c.WeChat.ProgramState)
	}
}
