package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"yanlu/internal/wechat/simulator"
)

// In the library a failed login and a failed token are plain strings.
func TestEveryFailureHasItsCode(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			sim.Fault(call.path, simulator.Fault{Code: 45009, Message: "reach max api daily quota limit"})
			err := call.do(t.Context(), c)
			var e *Error
			if !errors.As(fmt.Errorf("wrapped: %w", err), &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Op != name || e.Code != 45009 || !strings.Contains(e.Message, "quota limit rid: ") || Classify(err) != Busy {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	_, c := newPair(t)
	for code, want := range map[int]Class{
		-1: Busy, 45009: Busy, 40029: BadCode, 40163: BadCode, 45011: TooOften, 40226: RiskyUser, 43101: NoGrant,
		47003: BadField, 40003: BadRecipient, 61010: NotSeen, 40037: BadSetup, 41030: BadSetup, 40125: BadSetup,
		40001: Token, 42001: Token, 40014: Token, 99999: Unknown,
	} {
		t.Run(fmt.Sprintf("%d is %s", code, want), func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			sim.Fault(simulator.PathLogin, simulator.Fault{Code: code})
			if _, err := c.Login(t.Context(), "code"); Classify(err) != want {
				t.Errorf("got %v", Classify(err))
			}
		})
	}
	for name, test := range map[string]struct {
		err  error
		want Class
	}{
		"nothing is OK":                     {nil, OK},
		"a stranger's error is unknown":     {errors.New("x"), Unknown},
		"a deadline is busy":                {context.DeadlineExceeded, Busy},
		"a wrapped failure keeps its class": {fmt.Errorf("x: %w", refuse("login", RiskyUser, "")), RiskyUser},
		"a forbidden host is a bad setup":   {c.fail("x", errElsewhere), BadSetup},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Classify(test.err); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestPlatformInTroubleIsBusy(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		for how, fault := range map[string]simulator.Fault{
			"that answers HTTP 502":                      {Status: 502},
			"that answers HTTP 429":                      {Status: 429},
			"that cuts the connection":                   {Cut: true},
			"that cuts the connection after it has done": {Cut: true, AfterEffect: true},
		} {
			t.Run(name+" of a platform "+how, func(t *testing.T) {
				t.Parallel()
				sim, c := newPair(t)
				sim.Fault(call.path, fault)
				if err := call.do(t.Context(), c); Classify(err) != Busy {
					t.Errorf("got %v: %v", Classify(err), err)
				}
				if n := sim.Calls(call.path); n != 1 {
					t.Errorf("%d calls were made, want 1", n)
				}
			})
		}
		t.Run(name+" of a platform that answers HTML", func(t *testing.T) {
			t.Parallel()
			c := newStub(t, func(path, _ string) string {
				if path == call.path {
					return "<html>maintenance</html>"
				}
				return ""
			})
			if err := call.do(t.Context(), c); Classify(err) != Busy {
				t.Errorf("got %v: %v", Classify(err), err)
			}
		})
		t.Run(name+" of a platform that does not listen", func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			_ = sim.Close()
			if err := call.do(t.Context(), c); Classify(err) != Busy {
				t.Errorf("got %v: %v", Classify(err), err)
			}
		})
	}
}

// An answer that is JSON and says nothing must not pass for a success.
func TestAnEmptyAnswerIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"login", "phone", "check", "token"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStub(t, func(path, _ string) string {
				if path == calls[name].path {
					return "{}"
				}
				return ""
			})
			if err := calls[name].do(t.Context(), c); Classify(err) != Busy {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The library's errors have the URL in their text, and so the AppSecret, the
// token and the code; the platform's may repeat what it was sent.
func TestErrorsCarryNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "very-secret-app-secret"
	for name, call := range calls {
		for how, fault := range map[string]simulator.Fault{
			"HTTP status": {Status: 500, Times: 9},
			"cut":         {Cut: true, Times: 9},
			"an errmsg that repeats it all": {Code: 40029, Times: 9, Message: "secret=" + secret +
				" js_code=0LoginCodeThatIsSecret {\"session_key\":\"c2Vzc2lvbg==\"} code: PhoneCodeThatIsSecret " + secret},
		} {
			t.Run(name+" with "+how, func(t *testing.T) {
				t.Parallel()
				sim := newPlatform(t)
				server, rdb := newRedis(t)
				var logged bytes.Buffer
				c := newClient(t, sim, rdb)
				c.log = slog.New(slog.NewTextHandler(&logged, nil))
				c.tokens.log = c.log
				if name != "token" { // so that there is a token to be told
					if _, err := c.tokens.GetAccessToken(); err != nil {
						t.Fatal(err)
					}
				}
				sim.Fault(call.path, fault)
				err := call.do(t.Context(), c)
				if err == nil {
					t.Fatal("no error")
				}
				server.Close()
				_ = call.do(t.Context(), c)
				text := fmt.Sprintf("%v %+v %#v %s", err, err, err, logged.String())
				for e := err; e != nil; e = errors.Unwrap(e) {
					text += e.Error()
				}
				expectNoSecret(t, text, secret, "0LoginCodeThatIsSecret", "PhoneCodeThatIsSecret", "c2Vzc2lvbg",
					c.tokens.local().value, "access_token=8")
			})
		}
	}
	t.Run("an unreachable host is told without its URL", func(t *testing.T) {
		t.Parallel()
		sim, c := newPair(t)
		_ = sim.Close()
		_, err := c.Login(t.Context(), "0LoginCodeThatIsSecret")
		expectNoSecret(t, err.Error(), secret, "0LoginCodeThatIsSecret", "jscode2session")
	})
	t.Run("a session key is not kept", func(t *testing.T) {
		t.Parallel()
		sim := newPlatform(t)
		server, rdb := newRedis(t)
		code := sim.LoginCode(testOpenID)
		if _, err := newClient(t, sim, rdb).Login(t.Context(), code); err != nil {
			t.Fatal(err)
		}
		expectNoSecret(t, server.Dump(), "session", code)
	})
	t.Run("a secret in its URL form is struck out", func(t *testing.T) {
		t.Parallel()
		expectNoSecret(t, scrub("x "+url.QueryEscape("a/b+c=secret")+" y", "a/b+c=secret"), "secret")
	})
	t.Run("a message is one short line", func(t *testing.T) {
		t.Parallel()
		got := scrub("a\nlevel=ERROR forged\r\x1b[0m" + strings.Repeat("长", 500))
		if strings.ContainsAny(got, "\n\r\x1b") || len([]rune(got)) > maxMessage {
			t.Errorf("got %q", got)
		}
	})
}

func expectNoSecret(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("%q is told: %s", secret, text)
		}
	}
}

func TestNewNamesWhatIsWrongAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	_, rdb := newRedis(t)
	good := Config{AppID: "wx1", Secret: "s3cret-value", CallbackToken: "t", CallbackAESKey: testAESKey}
	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no AppID":                              {func(c *Config) { c.AppID = "" }, "AppID"},
		"no secret":                             {func(c *Config) { c.Secret = "" }, "AppSecret"},
		"a base URL that is not loopback":       {func(c *Config) { c.BaseURL = "http://s3cret.example.com" }, "loopback"},
		"a base URL with a path":                {func(c *Config) { c.BaseURL = "http://127.0.0.1:1/x" }, "loopback"},
		"a base URL with a user":                {func(c *Config) { c.BaseURL = "http://s3cret@127.0.0.1:1" }, "loopback"},
		"a short AES key":                       {func(c *Config) { c.CallbackAESKey = "s3cret" }, "43"},
		"an AES key that is not base64":         {func(c *Config) { c.CallbackAESKey = "!" + testAESKey[1:] }, "43"},
		"safe mode without a key":               {func(c *Config) { c.CallbackAESKey = "" }, "safe mode"},
		"a program state that there is not":     {func(c *Config) { c.ProgramState = "s3cret" }, "program state"},
		"a negative time-out":                   {func(c *Config) { c.Timeout = -1 }, "time-out"},
		"two at once, of which the second told": {func(c *Config) { c.AppID, c.ProgramState = "", "x" }, "program state"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := good
			test.change(&cfg)
			_, err := New(cfg, rdb, nil, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := New(good, nil, nil, nil); err == nil {
		t.Error("a missing Redis was accepted")
	}
	if _, err := New(good, rdb, nil, nil); err != nil {
		t.Errorf("a good configuration was refused: %v", err)
	}
}
