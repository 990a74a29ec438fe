package wechat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/wechat/simulator"
)

// The library puts the code into the URL as it is.
func TestAMalformedCodeIsRefusedBeforeTheCall(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	for name, code := range map[string]string{
		"empty":                "",
		"with another query":   "x&appid=wxother",
		"with a fragment":      "x#",
		"with a space":         "x y",
		"with a line's end":    "x\n",
		"with an escape":       "x%26",
		"with a full-width x":  "ｘ",
		"of 129 characters":    strings.Repeat("x", 129),
		"with invalid unicode": "x\xff",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.Login(t.Context(), code); Classify(err) != BadCode {
				t.Errorf("got %v", err)
			}
		})
	}
	if n := len(sim.Journal()); n != 0 {
		t.Errorf("%d calls arrived", n)
	}
	t.Run("of 128 characters it is sent", func(t *testing.T) {
		if _, err := c.Login(t.Context(), strings.Repeat("x", 128)); Classify(err) != BadCode || sim.Calls(simulator.PathLogin) != 1 {
			t.Errorf("got %v", err)
		}
	})
}

func TestLogin(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	sim.SetUnionID("oUnited", "uUnited")
	for openID, want := range map[string]Identity{
		"oPlain": {OpenID: "oPlain"}, "oUnited": {OpenID: "oUnited", UnionID: "uUnited"},
	} {
		got, err := c.Login(t.Context(), sim.LoginCode(openID))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}

func TestARetryOfALoginGetsTheSameIdentity(t *testing.T) {
	t.Parallel()
	type setup struct {
		sim  *simulator.Simulator
		a, b *Client // two instances
	}
	begin := func(t *testing.T) setup {
		sim := newPlatform(t)
		_, rdb := newRedis(t)
		return setup{sim, newClient(t, sim, rdb), newClient(t, sim, rdb)}
	}
	expect := func(t *testing.T, s setup, id Identity, err error, calls int) {
		t.Helper()
		if err != nil || id.OpenID != testOpenID {
			t.Errorf("got %v, %v", id, err)
		}
		if n := s.sim.Calls(simulator.PathLogin); n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
	}
	t.Run("on another instance", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		_, _ = s.a.Login(t.Context(), code)
		id, err := s.b.Login(t.Context(), code)
		expect(t, s, id, err, 1)
	})
	t.Run("at the same time on both", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		s.sim.Fault(simulator.PathLogin, simulator.Fault{Delay: 50 * time.Millisecond})
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				id, err := []*Client{s.a, s.b}[i%2].Login(t.Context(), code)
				if err != nil || id.OpenID != testOpenID {
					t.Errorf("got %v, %v", id, err)
				}
			})
		}
		wg.Wait()
		if n := s.sim.Calls(simulator.PathLogin); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
	t.Run("after the caller left before the answer", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		s.sim.Fault(simulator.PathLogin, simulator.Fault{Delay: 80 * time.Millisecond})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := s.a.Login(ctx, code); Classify(err) != Busy {
			t.Errorf("got %v", err)
		}
		id, err := s.b.Login(t.Context(), code)
		expect(t, s, id, err, 1)
	})
	t.Run("but not after five minutes", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		_, _ = s.a.Login(t.Context(), code)
		s.sim.Advance(5*time.Minute + time.Second)
		if _, err := s.b.Login(t.Context(), code); Classify(err) != BadCode {
			t.Errorf("got %v", err)
		}
	})
	t.Run("after a platform that was busy before the code was used", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		s.sim.Fault(simulator.PathLogin, simulator.Fault{Code: -1})
		if _, err := s.a.Login(t.Context(), code); Classify(err) != Busy {
			t.Errorf("got %v", err)
		}
		start := time.Now()
		id, err := s.b.Login(t.Context(), code)
		expect(t, s, id, err, 2)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("the retry waited %v for a lease that nobody holds", took)
		}
	})
	t.Run("with a used code that another asked for, it is refused", func(t *testing.T) {
		t.Parallel()
		s := begin(t)
		code := s.sim.LoginCode(testOpenID)
		_, other := newRedis(t)
		if _, err := newClient(t, s.sim, other).Login(t.Context(), code); err != nil {
			t.Fatal(err)
		}
		_, err := s.a.Login(t.Context(), code)
		if Classify(err) != BadCode || !strings.Contains(err.Error(), "40163") {
			t.Errorf("got %v", err)
		}
	})
}

func TestLoginWorksWithoutRedis(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	c := newClient(t, sim, noRedis(t))
	if id, err := c.Login(t.Context(), sim.LoginCode(testOpenID)); err != nil || id.OpenID != testOpenID {
		t.Errorf("got %v, %v", id, err)
	}
}

func TestConcurrentRetriesAreJoinedWithoutRedis(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	c := newClient(t, sim, noRedis(t))
	code := sim.LoginCode(testOpenID)
	sim.Fault(simulator.PathLogin, simulator.Fault{Delay: 50 * time.Millisecond})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := c.Login(t.Context(), code); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := sim.Calls(simulator.PathLogin); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestALoginDoesNotWaitLongForAnInstanceThatDied(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	server, rdb := newRedis(t)
	c := newClient(t, sim, rdb, func(cfg *Config) { cfg.Timeout = 200 * time.Millisecond })
	code := sim.LoginCode(testOpenID)
	digest := sha256.Sum256([]byte(code))
	if err := server.Set(c.redisKey("login:"+hex.EncodeToString(digest[:])), leaseMark+"of one who died"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if id, err := c.Login(ctx, code); err != nil || id.OpenID != testOpenID {
		t.Errorf("got %v, %v", id, err)
	}
}

// net/http sends a GET again when its connection breaks. On code2session that
// turns a lost answer into a used code.
func TestALoginIsSentOnceWhenTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	if _, err := c.Login(t.Context(), sim.LoginCode("first")); err != nil { // so that a connection is reused
		t.Fatal(err)
	}
	sim.Fault(simulator.PathLogin, simulator.Fault{Cut: true, AfterEffect: true})
	if _, err := c.Login(t.Context(), sim.LoginCode(testOpenID)); Classify(err) != Busy {
		t.Errorf("got %v", err)
	}
	if n := sim.Calls(simulator.PathLogin); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	t.Run("a number of China's comes bare", func(t *testing.T) {
		got, err := c.Phone(t.Context(), sim.PhoneCode(testOpenID, "13800138000"), testOpenID)
		if err != nil || got != "13800138000" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("another comes with its country", func(t *testing.T) {
		got, err := c.Phone(t.Context(), sim.ForeignPhoneCode(testOpenID, "852", "91234567"), testOpenID)
		if err != nil || got != "+85291234567" {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("a code works once", func(t *testing.T) {
		code := sim.PhoneCode(testOpenID, "13800138000")
		if _, err := c.Phone(t.Context(), code, testOpenID); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Phone(t.Context(), code, testOpenID); Classify(err) != BadCode {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a code works for its user only", func(t *testing.T) {
		if _, err := c.Phone(t.Context(), sim.PhoneCode("another", "13800138000"), testOpenID); Classify(err) != BadCode {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a code is not sent when it is malformed", func(t *testing.T) {
		before := sim.Calls(simulator.PathPhone)
		for _, code := range []string{"", "a b", "a\n", strings.Repeat("a", 257)} {
			if _, err := c.Phone(t.Context(), code, testOpenID); Classify(err) != BadCode {
				t.Errorf("got %v", err)
			}
		}
		if _, err := c.Phone(t.Context(), "code", ""); Classify(err) != BadRecipient {
			t.Errorf("got %v", err)
		}
		if sim.Calls(simulator.PathPhone) != before {
			t.Error("a call was made")
		}
	})
}

// The library cannot read a country code that is a number.
func TestPhoneAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		info, want string
		class      Class
	}{
		"a country code that is a number": {`{"purePhoneNumber":"13800138000","countryCode":86}`, "13800138000", OK},
		"a country code that is a string": {`{"purePhoneNumber":"13800138000","countryCode":"86"}`, "13800138000", OK},
		"a number that is a number":       {`{"purePhoneNumber":13800138000,"countryCode":86}`, "13800138000", OK},
		"no number":                       {`{"countryCode":86}`, "", Busy},
		"a number that is none":           {`{"purePhoneNumber":"<b>","countryCode":86}`, "", Busy},
		"another mini-program's":          {`{"purePhoneNumber":"13800138000","countryCode":86,"watermark":{"appid":"wxother"}}`, "", BadSetup},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Value
			c := newStub(t, func(path, body string) string {
				if path == simulator.PathToken {
					return ""
				}
				sent.Store(body)
				return `{"errcode":0,"errmsg":"ok","phone_info":` + test.info + `}`
			})
			got, err := c.Phone(t.Context(), "code", testOpenID)
			if got != test.want || Classify(err) != test.class {
				t.Errorf("got %q, %v", got, err)
			}
			if body := sent.Load().(string); !strings.Contains(body, `"openid":"`+testOpenID+`"`) {
				t.Errorf("sent %s", body)
			}
		})
	}
}
