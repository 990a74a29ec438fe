package wechat

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yanlu/internal/wechat/simulator"
)

func token(t *testing.T, c *Client) string {
	t.Helper()
	value, err := c.tokens.GetAccessTokenContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// The library's handle locks within one process only.
func TestATokenIsFetchedOnceByManyInstances(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	_, rdb := newRedis(t)
	sim.Fault(simulator.PathToken, simulator.Fault{Delay: 50 * time.Millisecond})
	var wg sync.WaitGroup
	for range 8 {
		c := newClient(t, sim, rdb) // an instance
		for range 4 {
			wg.Go(func() {
				if _, err := c.tokens.GetAccessToken(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := sim.Calls(simulator.PathToken); n != 1 {
		t.Errorf("the token was fetched %d times", n)
	}
}

func TestATokenIsNeverForced(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	c := newStub(t, func(path, body string) string {
		if path == simulator.PathToken {
			asked.Store(body)
			return ""
		}
		return `{"errcode":40001,"errmsg":"invalid credential"}`
	})
	if err := calls["send"].do(t.Context(), c); Classify(err) != Token {
		t.Errorf("got %v", err)
	}
	var request map[string]any
	if err := json.Unmarshal([]byte(asked.Load().(string)), &request); err != nil {
		t.Fatal(err)
	}
	if request["force_refresh"] != false || request["grant_type"] != "client_credential" {
		t.Errorf("asked with %v", request)
	}
}

func TestATokenIsRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	first := token(t, c)
	sim.Advance(2*time.Hour - 6*time.Minute)
	if token(t, c) != first {
		t.Error("a token with six minutes left was given up")
	}
	sim.Advance(3 * time.Minute)
	second := token(t, c)
	if second == first {
		t.Error("a token with three minutes left was not renewed")
	}
	if n := sim.Calls(simulator.PathToken); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestAFailedRenewalUsesWhatIsLeft(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	first := token(t, c)
	sim.Advance(2*time.Hour - 3*time.Minute)
	sim.Fault(simulator.PathToken, simulator.Fault{Code: -1, Times: 100})
	for range 20 {
		if token(t, c) != first {
			t.Error("the old token was given up")
		}
	}
	if n := sim.Calls(simulator.PathToken); n != 2 {
		t.Errorf("%d fetches, want 2: one that failed, then a pause", n)
	}
	sim.Advance(4 * time.Minute)
	if _, err := c.tokens.GetAccessTokenContext(t.Context()); Classify(err) != Busy {
		t.Errorf("an expired token was given out: %v", err)
	}
	sim.ClearFaults()
	if token(t, c) == first {
		t.Error("no new token after the platform came back")
	}
}

func TestARefusedTokenIsRenewedAndTheCallTriedOnceMore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     simulator.Fault
		calls     int
		wantClass Class
	}{
		"40001 once":         {simulator.Fault{Code: 40001}, 2, OK},
		"42001 once":         {simulator.Fault{Code: 42001}, 2, OK},
		"40014 once":         {simulator.Fault{Code: 40014}, 2, OK},
		"40001 for ever":     {simulator.Fault{Code: 40001, Times: 99}, 2, Token},
		"another code":       {simulator.Fault{Code: 45009}, 1, Busy},
		"a broken way there": {simulator.Fault{Cut: true}, 1, Busy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, c := newPair(t)
			message := newTemplate(sim, 1)
			sim.Fault(simulator.PathSend, test.fault)
			if err := c.Send(t.Context(), message); Classify(err) != test.wantClass {
				t.Errorf("got %v", err)
			}
			if n := sim.Calls(simulator.PathSend); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
	t.Run("a token that another user of the AppID made invalid", func(t *testing.T) {
		t.Parallel()
		sim, c := newPair(t)
		message := newTemplate(sim, 2)
		first := token(t, c)
		sim.RevokeToken()
		if err := c.Send(t.Context(), message); err != nil {
			t.Error(err)
		}
		if token(t, c) == first {
			t.Error("the revoked token is still held")
		}
	})
	t.Run("a token that ended while nobody looked", func(t *testing.T) {
		t.Parallel()
		sim := newPlatform(t)
		_, rdb := newRedis(t)
		c := newClient(t, sim, rdb)
		c.tokens.now = time.Now // our clock lags behind the platform's
		message := newTemplate(sim, 1)
		token(t, c)
		sim.Advance(3 * time.Hour)
		if err := c.Send(t.Context(), message); err != nil {
			t.Error(err)
		}
	})
}

func TestADropSparesTheTokenThatReplacedTheFailedOne(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	_, rdb := newRedis(t)
	a, b := newClient(t, sim, rdb), newClient(t, sim, rdb)
	old := token(t, a)
	if token(t, b) != old {
		t.Fatal("the instances do not share the token")
	}
	sim.RevokeToken()
	a.tokens.drop(t.Context(), old)
	renewed := token(t, a)
	b.tokens.drop(t.Context(), old) // b learns late
	if got := token(t, b); got != renewed {
		t.Errorf("b has %q, want what a renewed", got)
	}
	if n := sim.Calls(simulator.PathToken); n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}
}

func TestALateDropSparesTheHeldToken(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	c := newClient(t, sim, noRedis(t))
	old := token(t, c)
	sim.RevokeToken()
	c.tokens.drop(t.Context(), old)
	renewed := token(t, c)
	c.tokens.drop(t.Context(), old)
	if token(t, c) != renewed || sim.Calls(simulator.PathToken) != 2 {
		t.Error("a token that did not fail was dropped")
	}
}

func TestALeaseIsEndedByItsHolderOnly(t *testing.T) {
	t.Parallel()
	server, rdb := newRedis(t)
	first, won, err := acquire(t.Context(), rdb, "lease", time.Second)
	if err != nil || !won {
		t.Fatal(won, err)
	}
	if _, won, _ := acquire(t.Context(), rdb, "lease", time.Second); won {
		t.Error("a held lease was given twice")
	}
	server.FastForward(2 * time.Second)
	second, won, _ := acquire(t.Context(), rdb, "lease", time.Second)
	if !won {
		t.Fatal("a lease that ran out was not given")
	}
	release(t.Context(), rdb, "lease", first)
	if got, _ := server.Get("lease"); got != second {
		t.Error("the first holder ended the second's lease")
	}
	release(t.Context(), rdb, "lease", second)
	if server.Exists("lease") {
		t.Error("the holder did not end its lease")
	}
}

func TestRedisDownDoesNotBurnTheQuota(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	c := newClient(t, sim, noRedis(t))
	message := newTemplate(sim, 10)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := c.Send(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := sim.Calls(simulator.PathToken); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

func TestRedisGoingDownKeepsTheToken(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	server, rdb := newRedis(t)
	c := newClient(t, sim, rdb)
	first := token(t, c)
	server.Close()
	if token(t, c) != first {
		t.Error("the token is gone with Redis")
	}
}

func TestAStuckHolderOfTheLeaseIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	server, rdb := newRedis(t)
	c := newClient(t, sim, rdb, func(cfg *Config) { cfg.Timeout = 100 * time.Millisecond })
	if err := server.Set(c.redisKey("token")+":lock", leaseMark+"of one who died"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	token(t, c)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if got, _ := server.Get(c.redisKey("token") + ":lock"); got != leaseMark+"of one who died" {
		t.Error("another's lease was ended")
	}
}

func TestAnInstanceTakesTheSharedToken(t *testing.T) {
	t.Parallel()
	sim := newPlatform(t)
	server, rdb := newRedis(t)
	first := token(t, newClient(t, sim, rdb))
	if got := token(t, newClient(t, sim, rdb)); got != first {
		t.Error("a second instance has another token")
	}
	t.Run("unless it is past its end", func(t *testing.T) {
		sim.Advance(3 * time.Hour)
		if got := token(t, newClient(t, sim, rdb)); got == first {
			t.Error("an expired token was taken from Redis")
		}
	})
	t.Run("unless it is garbage", func(t *testing.T) {
		for _, garbage := range []string{"", "x", "x y", "99999999999999 "} {
			c := newClient(t, sim, rdb)
			if err := server.Set(c.redisKey("token"), garbage); err != nil {
				t.Fatal(err)
			}
			if got := token(t, c); !strings.HasPrefix(got, "80_") {
				t.Errorf("got %q from %q", got, garbage)
			}
		}
	})
}

// The first of several callers must not take the fetch away from the others.
func TestAFetchGoesOnWhenTheFirstCallerLeaves(t *testing.T) {
	t.Parallel()
	sim, c := newPair(t)
	sim.Fault(simulator.PathToken, simulator.Fault{Delay: 150 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := c.tokens.GetAccessTokenContext(ctx)
		left <- err
	}()
	time.AfterFunc(60*time.Millisecond, cancel)
	time.Sleep(30 * time.Millisecond)
	token(t, c)
	if err := <-left; Classify(err) != Busy {
		t.Errorf("got %v", err)
	}
	if n := sim.Calls(simulator.PathToken); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}
