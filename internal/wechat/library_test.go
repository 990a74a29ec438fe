package wechat

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/util"

	"yanlu/internal/wechat/simulator"
)

// The library's root package reconfigures logrus and links every product.
func TestRootPackageIsNotLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const library = "github.com/silenceper/wechat/v2"
	for dep := range strings.FieldsSeq(string(out)) {
		for _, banned := range []string{"/officialaccount", "/openplatform", "/pay", "/work", "/miniprogram/message"} {
			if strings.HasPrefix(dep, library+banned) {
				t.Errorf("%s is linked", dep)
			}
		}
		if dep == library || dep == library+"/miniprogram" || strings.Contains(dep, "sirupsen/logrus") {
			t.Errorf("%s is linked", dep)
		}
	}
}

// The library's cache panics on what is no string, and speaks to another Redis
// client: no call here needs one.
func TestNoCallNeedsTheLibrarysCache(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	if c.mini("t").Cache != nil {
		t.Error("the library has a cache")
	}
	if _, err := c.Login(t.Context(), sim.LoginCode(testOpenID)); err != nil {
		t.Error(err)
	}
	if _, err := c.Phone(t.Context(), sim.PhoneCode(testOpenID, "13800138000"), testOpenID); err != nil {
		t.Error(err)
	}
	if err := c.Send(t.Context(), newTemplate(sim, 1)); err != nil {
		t.Error(err)
	}
	if _, err := c.CheckText(t.Context(), testOpenID, 3, "", "停车"); err != nil {
		t.Error(err)
	}
}

// The library's HTTP client is global and goes anywhere.
func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	ctx, cancel := c.call(t.Context())
	defer cancel()
	for name, test := range map[string]struct {
		url  string
		want error
	}{
		"another host":                    {"https://example.com/sns/jscode2session", errElsewhere},
		"the simulator's own address":     {sim.URL() + "/sns/jscode2session", errElsewhere},
		"the platform without encryption": {"http://api.weixin.qq.com/sns/jscode2session", errElsewhere},
		"another product's host":          {"https://qyapi.weixin.qq.com/cgi-bin/gettoken", errElsewhere},
		"a name that only begins alike":   {"https://api.weixin.qq.com.example.com/", errElsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := util.HTTPGetContext(ctx, test.url); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if _, err := util.PostJSONContext(ctx, test.url, "{}"); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	if n := len(sim.Journal()); n > 0 {
		t.Errorf("%d calls arrived", n)
	}
}

// Some of the library's functions take no context: what they send would have no
// time-out and belong to nobody.
func TestACallWithoutAClientIsRefused(t *testing.T) {
	t.Parallel()
	_, c := newPair(t)
	err := subscribe.NewSubscribe(c.mini("token")).Send(&subscribe.Message{})
	if !errors.Is(err, errUnrouted) {
		t.Errorf("got %v, want %v", err, errUnrouted)
	}
}

// A redirect would carry the URL, and the secret in it, to another host.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://api.weixin.qq.com/elsewhere", http.StatusFound)
	})
	c := newClientOf(t, server)
	_, err := c.Login(t.Context(), "code")
	if e, ok := errors.AsType[*Error](err); !ok || e.Message != "HTTP status 302" {
		t.Errorf("got %v", err)
	}
}

// The library reads answers without a bound.
func TestAnEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	c := newClientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"openid":"o1",`+strings.Repeat(" ", maxAnswer)+`"session_key":"x"}`)
	}))
	_, err := c.Login(t.Context(), "code")
	if Classify(err) != Busy || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("got %v", err)
	}
}

// The library's client has no time-out, and some of its calls no context.
func TestCallsEnd(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		t.Run(name+" ends at the client's time-out", func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t, func(cfg *Config) { cfg.Timeout = 60 * time.Millisecond })
			sim.Fault(call.path, simulator.Fault{Delay: 5 * time.Second})
			expectQuickBusy(t, func() error { return call.do(t.Context(), c) }, context.DeadlineExceeded)
		})
		t.Run(name+" ends at the caller's deadline", func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			sim.Fault(call.path, simulator.Fault{Delay: 3 * time.Second})
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
			defer cancel()
			expectQuickBusy(t, func() error { return call.do(ctx, c) }, context.DeadlineExceeded)
		})
		t.Run(name+" ends when the caller leaves", func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			sim.Fault(call.path, simulator.Fault{Delay: 3 * time.Second})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			expectQuickBusy(t, func() error { return call.do(ctx, c) }, context.Canceled)
		})
	}
}

func expectQuickBusy(t *testing.T, call func() error, cause error) {
	t.Helper()
	start := time.Now()
	err := call()
	if Classify(err) != Busy || !errors.Is(err, cause) {
		t.Errorf("got %v, want a Busy that is %v", err, cause)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// The library's global client is shared; Clients must not be.
func TestClientsOfDifferentPlatformsLiveTogether(t *testing.T) {
	t.Parallel()
	simA, a := newPair(t)
	simB, b := newPair(t)
	if _, err := a.Login(t.Context(), simA.LoginCode("user-a")); err != nil {
		t.Error(err)
	}
	if id, err := b.Login(t.Context(), simB.LoginCode("user-b")); err != nil || id.OpenID != "user-b" {
		t.Errorf("got %v, %v", id, err)
	}
	if _, err := b.Login(t.Context(), simA.LoginCode("user-a")); Classify(err) != BadCode {
		t.Errorf("one platform took the other's code: %v", err)
	}
	if simA.Calls(simulator.PathLogin) != 1 || simB.Calls(simulator.PathLogin) != 2 {
		t.Error("calls went to the wrong platform")
	}
}
