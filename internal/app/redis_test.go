package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"yanlu/config"
	"yanlu/internal/store/storetest"
	"yanlu/internal/wechat/simulator"
)

// inProcess starts a Redis in the process.
func inProcess(t *testing.T) *redis.Client {
	t.Helper()
	c, end, err := openRedis("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// closedPort returns an address on loopback where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestTheInProcessRedisExpiresKeys holds that its clock goes, and that a key
// stays until its time and without one for good.
func TestTheInProcessRedisExpiresKeys(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), inProcess(t)
	for key, life := range map[string]time.Duration{"short": 400 * time.Millisecond, "long": time.Hour, "lasting": 0} {
		if err := c.Set(ctx, key, key, life).Err(); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	for c.Exists(ctx, "short").Val() == 1 && time.Since(began) < 20*time.Second {
		time.Sleep(10 * time.Millisecond)
	}
	if lived := time.Since(began); lived > 10*time.Second || lived < 150*time.Millisecond {
		t.Errorf("a key of 400 ms lived for %v", lived)
	}
	if n := c.Exists(ctx, "long", "lasting").Val(); n != 2 {
		t.Errorf("%d of the other keys are there, want 2", n)
	}
	if left := c.TTL(ctx, "long").Val(); left > time.Hour-300*time.Millisecond || left < time.Hour-time.Minute {
		t.Errorf("the long one has %v left", left)
	}
	if at := c.Time(ctx).Val(); time.Since(at).Abs() > 10*time.Second {
		t.Errorf("its time is %v", at)
	}
}

// TestTheInProcessRedisIsNobodyElses holds that it is on loopback, that nobody
// gets in without its password, which differs each time, and that it ends.
func TestTheInProcessRedisIsNobodyElses(t *testing.T) {
	t.Parallel()
	c, end, err := openRedis("")
	if err != nil {
		t.Fatal(err)
	}
	o := c.Options()
	if err := c.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if host, _, err := net.SplitHostPort(o.Addr); err != nil || host != "127.0.0.1" {
		t.Errorf("it listens on %s", o.Addr)
	}
	if other := inProcess(t).Options(); len(o.Password) < 20 || other.Password == o.Password {
		t.Errorf("the passwords have %d characters, and are the same: %t", len(o.Password), other.Password == o.Password)
	}
	for _, password := range []string{"", "wrong"} {
		stranger := redis.NewClient(&redis.Options{Addr: o.Addr, Password: password, MaxRetries: -1})
		if got, err := stranger.Get(t.Context(), "key").Result(); err == nil {
			t.Errorf("with the password %q one reads %q", password, got)
		}
		_ = stranger.Close()
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if conn, err := net.DialTimeout("tcp", o.Addr, time.Second); err == nil {
		_ = conn.Close()
		t.Error("it still listens after its end")
	}
}

// TestNobodyWaitsLongForRedis holds the limits of every wait, in the process
// and elsewhere.
func TestNobodyWaitsLongForRedis(t *testing.T) {
	t.Parallel()
	there, end, err := openRedis("redis://user:password@" + closedPort(t) + "/3?dial_timeout=30s&max_retries=9")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = end() }()
	for name, c := range map[string]*redis.Client{"in the process": inProcess(t), "elsewhere": there} {
		o := c.Options()
		if longest := max(o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout); longest > time.Second || o.MaxRetries > 1 {
			t.Errorf("%s one waits up to %v, %d times more", name, longest, o.MaxRetries)
		}
	}
	if there.Options().DB != 3 || there.Options().Username != "user" {
		t.Errorf("the address was read as %s", there)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	for name, address := range map[string]string{"a closed port": closedPort(t), "one that hangs": silent.Addr().String()} {
		c, end, err := openRedis("redis://" + address)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := (rateLimiter{redis_rate.NewLimiter(c)}).Allow(t.Context(), "subject", 1); err == nil {
			t.Errorf("%s answers", name)
		}
		if waited := time.Since(began); waited > 4*time.Second { // half of it is for a busy machine
			t.Errorf("%s holds a request up for %v", name, waited)
		}
		_ = end()
	}
	if _, _, err := openRedis("http://127.0.0.1"); err == nil {
		t.Error("an address that is none of Redis was taken")
	}
}

// TestTheLimiterAllowsSoManyAndNoMore holds in the process, and on the Redis of
// the tests where there is one.
func TestTheLimiterAllowsSoManyAndNoMore(t *testing.T) {
	t.Parallel()
	clients := map[string]*redis.Client{"in the process": inProcess(t)}
	if address := os.Getenv("YANLU_TEST_REDIS"); address != "" {
		c, end, err := openRedis(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = end() })
		clients["elsewhere"] = c
	}
	for name, c := range clients {
		t.Run(name, func(t *testing.T) {
			l := rateLimiter{redis_rate.NewLimiter(c)}
			subject := rand.Text()
			const perMinute, asked = 6, 30 // another one comes after ten seconds
			allowed, began := 0, time.Now()
			for n := range asked {
				ok, err := l.Allow(t.Context(), subject, perMinute)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					allowed++
				} else if n < perMinute {
					t.Errorf("number %d is refused", n)
				}
			}
			if most := perMinute + int(time.Since(began)/(10*time.Second)); allowed < perMinute || allowed > most {
				t.Errorf("%d of %d are allowed, want %d to %d", allowed, asked, perMinute, most)
			}
			if ok, err := l.Allow(t.Context(), subject+" another", perMinute); !ok || err != nil {
				t.Errorf("another subject: %t, %v", ok, err)
			}
		})
	}
}

// TestTheLimiterLetsPassAgain holds that the limit is of a minute, not for good.
func TestTheLimiterLetsPassAgain(t *testing.T) {
	t.Parallel()
	l := rateLimiter{redis_rate.NewLimiter(inProcess(t))}
	const perMinute = 300 // one in 200 ms
	allow := func() bool {
		ok, err := l.Allow(t.Context(), "subject", perMinute)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for n := 0; allow(); n++ {
		if n > 100*perMinute {
			t.Fatal("there is no limit")
		}
	}
	began := time.Now()
	for !allow() {
		if time.Since(began) > 20*time.Second {
			t.Fatal("it lets nobody pass again")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// program is the whole program on a database of its own.
type program struct {
	*App
	sim *simulator.Simulator
	log *locked
}

// locked is a log that several goroutines write.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// build builds the program with a Redis and limits; apptest cannot be used from
// within the package.
func build(t *testing.T, redisURL string, requestsPerMinute, loginPerHour int) *program {
	t.Helper()
	c := config.Default(config.Demo)
	c.Database.URL = config.NewURL(storetest.Address(t))
	c.Redis.URL = config.NewURL(redisURL)
	c.WeChat.AppID = "wx" + strings.ToLower(rand.Text()[:16])
	c.Limits.RequestsPerMinute, c.Limits.LoginPerHour = requestsPerMinute, loginPerHour
	sim, err := simulator.Start(simulator.Config{AppID: c.WeChat.AppID, Secret: c.WeChat.Secret.Reveal()})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{sim: sim, log: &locked{}}
	p.App, err = Build(t.Context(), Settings{Config: c, Log: slog.New(slog.NewTextHandler(p.log, nil)), PlatformURL: sim.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// ask sends a request from an address and returns the status.
func (p *program) ask(t *testing.T, method, path, token string, body any, from string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, method, path, bytes.NewReader(b))
	r.RemoteAddr = from + ":1234"
	r.Header.Set("Content-Type", "application/json")
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	p.API.ServeHTTP(rec, r)
	var answer struct{ Token, Code string }
	_ = json.Unmarshal(rec.Body.Bytes(), &answer)
	return rec.Code, answer.Token + answer.Code
}

// somewhere is an address that no other test on the same Redis has.
func somewhere() string {
	b := make([]byte, 3)
	_, _ = rand.Read(b)
	return fmt.Sprintf("10.%d.%d.%d", b[0], b[1], b[2])
}

// TestTheAPIRefusesWhoAsksTooOften holds for an account, and for an address that
// logs in, each by itself.
func TestTheAPIRefusesWhoAsksTooOften(t *testing.T) {
	t.Parallel()
	p := build(t, os.Getenv("YANLU_TEST_REDIS"), 4, 1000)
	login := func(code, from string) (int, string) {
		return p.ask(t, http.MethodPost, "/v1/login", "", map[string]any{"code": code}, from)
	}
	status, token := login(p.sim.LoginCode("openid"), somewhere())
	if status != http.StatusCreated {
		t.Fatalf("logged in: %d %s", status, token)
	}
	home := somewhere()
	for name, ask := range map[string]func() (int, string){
		"an account": func() (int, string) { return p.ask(t, http.MethodGet, "/v1/me", token, nil, somewhere()) },
		"an address": func() (int, string) { return login(p.sim.LoginCode("openid"), home) },
	} {
		refused := 0
		for n := 0; n < 40 && refused == 0; n++ { // another one is let through after fifteen seconds, which a busy machine takes for a few
			status, code := ask()
			if status == http.StatusTooManyRequests {
				refused++
			}
			if n < 4 && status >= http.StatusBadRequest {
				t.Errorf("%s: number %d answers %d %s", name, n, status, code)
			}
		}
		if refused == 0 {
			t.Errorf("%s may ask for ever", name)
		}
	}
	if status, code := login(p.sim.LoginCode("openid"), somewhere()); status != http.StatusCreated {
		t.Errorf("from elsewhere one gets %d %s", status, code)
	}
}

// TestAnOfficeWaitsBehindOneAddress holds that desks which wait for their telephones
// do not take the requests of an address from each other, and that whoever has no
// ticket is limited by it.
func TestAnOfficeWaitsBehindOneAddress(t *testing.T) {
	t.Parallel()
	p := build(t, os.Getenv("YANLU_TEST_REDIS"), 4, 1000)
	send := func(path, from string, cookies []*http.Cookie) *http.Response {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody)
		r.RemoteAddr = from + ":1234"
		for _, c := range cookies {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		p.API.ServeHTTP(rec, r)
		return rec.Result()
	}
	office := somewhere()
	for n := range 12 {
		opened := send("/v1/desk-logins", somewhere(), nil) // opening is limited by the address
		var d struct{ ID string }
		if err := json.NewDecoder(opened.Body).Decode(&d); err != nil || opened.StatusCode != http.StatusCreated {
			t.Fatalf("desk %d: %d, %v", n, opened.StatusCode, err)
		}
		for range 2 {
			if got := send("/v1/desk-logins/"+d.ID+"/redeem", office, opened.Cookies()).StatusCode; got != http.StatusOK {
				t.Errorf("desk %d waits and gets %d", n, got)
			}
		}
		if n > 0 {
			continue
		}
		limited := false
		for range 40 {
			limited = limited || send("/v1/desk-logins/"+d.ID+"/redeem", office, opened.Cookies()).StatusCode == http.StatusTooManyRequests
		}
		if !limited {
			t.Error("a desk may ask for ever")
		}
	}
	limited, thief := false, somewhere()
	for range 40 {
		limited = limited || send("/v1/desk-logins/"+uuid.NewString()+"/redeem", thief, nil).StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("tickets may be tried out for ever")
	}
}

// TestWithoutRedisEverybodyIsServed holds that the general limit is off then,
// and that the limit of logins, which is in the database, is not.
func TestWithoutRedisEverybodyIsServed(t *testing.T) {
	t.Parallel()
	p := build(t, "redis://"+closedPort(t), 1, 1)
	from := somewhere()
	login := map[string]any{"code": p.sim.LoginCode("openid")}
	status, token := p.ask(t, http.MethodPost, "/v1/login", "", login, from)
	if status != http.StatusCreated {
		t.Fatalf("logged in: %d %s", status, token)
	}
	for n := range 2 {
		if status, code := p.ask(t, http.MethodGet, "/v1/me", token, nil, from); status != http.StatusOK {
			t.Errorf("number %d answers %d %s", n, status, code)
		}
	}
	if status, code := p.ask(t, http.MethodPost, "/v1/login", "", login, from); status != http.StatusTooManyRequests || code != "account.too_often" {
		t.Errorf("a second login of an hour that allows one answers %d %s", status, code)
	}
	if !strings.Contains(p.log.String(), "the general limit is off") {
		t.Errorf("the log says nothing of it: %s", p.log)
	}
}
