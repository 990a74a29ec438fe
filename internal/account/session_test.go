package account_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/wechat/simulator"
)

// TestOnlyTheHashOfATokenIsKept holds that who reads the database cannot log in.
func TestOnlyTheHashOfATokenIsKept(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	one, two := w.Login(apptest.Author), w.Login(apptest.Author)
	if one == two || !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(one) {
		t.Errorf("tokens %s and %s are not 256 random bits each", one, two)
	}
	var kept []account.Session
	if err := w.DB.Gorm(t.Context()).Raw("SELECT * FROM sessions").Scan(&kept).Error; err != nil || len(kept) != 2 {
		t.Fatalf("%d sessions, %v", len(kept), err)
	}
	for _, token := range []string{one, two} {
		sum := sha256.Sum256([]byte(token))
		if !slices.ContainsFunc(kept, func(s account.Session) bool { return s.TokenHash == hex.EncodeToString(sum[:]) }) {
			t.Errorf("the hash of %s is not kept", token)
		}
	}
	for _, forged := range []string{kept[0].TokenHash, kept[0].ID, one[:42], one + "A", " " + one, "%"} {
		wantCode(t, get(w, forged, "/v1/me"), http.StatusUnauthorized, account.ErrNoSession.Code)
	}
	for _, header := range []string{one, "Basic " + one, "Bearer", "Bearer "} {
		a := w.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/me", Header: http.Header{"Authorization": {header}}})
		wantCode(t, a, http.StatusUnauthorized, account.ErrNoSession.Code)
	}
}

// TestUseMovesTheEndOfASession holds both ends: the sliding one, which use moves
// on, and the absolute one, which nothing moves.
func TestUseMovesTheEndOfASession(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	tests := map[string]struct {
		visits []time.Duration // since the one before
		last   int             // status of the last
	}{
		"a session lives just short of its sliding end":   {[]time.Duration{119 * minute}, http.StatusOK},
		"a session without use ends":                      {[]time.Duration{120 * minute}, http.StatusUnauthorized},
		"use moves the end":                               {[]time.Duration{90 * minute, 90 * minute, 90 * minute}, http.StatusOK},
		"a look within ten minutes does not move it":      {[]time.Duration{9 * minute, 112 * minute}, http.StatusUnauthorized},
		"use does not move the absolute end":              {[]time.Duration{90 * minute, 90 * minute, 90 * minute, 30 * minute}, http.StatusUnauthorized},
		"an ended session does not come back with use":    {[]time.Duration{121 * minute, 0, minute}, http.StatusUnauthorized},
		"the absolute end is not put off by the last use": {[]time.Duration{119 * minute, 119 * minute, 61 * minute, 2 * minute}, http.StatusUnauthorized},
	}
	w := apptest.New(t, sessionsOf(2*time.Hour, 5*time.Hour))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			token := w.Login(apptest.Author)
			status := 0
			for _, d := range test.visits {
				w.Clock.Advance(d)
				status = get(w, token, "/v1/me").Status
			}
			if status != test.last {
				t.Errorf("status %d, want %d", status, test.last)
			}
		})
	}
}

// TestASlidingEndIsNotBeyondTheAbsoluteOne holds what a login promises.
func TestASlidingEndIsNotBeyondTheAbsoluteOne(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, sessionsOf(2*time.Hour, 3*time.Hour))
	token := w.Login(apptest.Author)
	w.Clock.Advance(110 * time.Minute)
	get(w, token, "/v1/me").Want(t, http.StatusOK)
	if n := number(w, "SELECT COUNT(*) FROM sessions WHERE expires_at <> ends_at"); n != 0 {
		t.Error("a session is said to live beyond its absolute end, or not as long as it does")
	}
}

type sessions struct {
	Items []struct {
		ID, Device string
		Current    bool
	}
}

func sessionsOfToken(w *apptest.World, token string) sessions {
	w.T.Helper()
	var s sessions
	get(w, token, "/v1/sessions").Into(w.T, http.StatusOK, &s)
	return s
}

// TestOnlyOnesOwnSessionsAreListedAndEnded holds that another's session is 404.
func TestOnlyOnesOwnSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	other := w.Login(apptest.CoAuthor)
	old := w.Login(apptest.Author)
	var fresh struct{ Token string }
	post(w, "", "/v1/login", map[string]any{"code": w.Sim.LoginCode(w.OpenID(apptest.Author)), "device": "iPad"}).Into(t, http.StatusCreated, &fresh)

	list := sessionsOfToken(w, fresh.Token)
	if len(list.Items) != 2 || list.Items[0].Device != "iPad" || !list.Items[0].Current || list.Items[1].Current {
		t.Fatalf("sessions, newest first: %+v", list)
	}
	for _, id := range []string{list.Items[0].ID, list.Items[1].ID, uuid.NewString()} {
		wantCode(t, post(w, other, "/v1/sessions/"+id+"/end", nil), http.StatusNotFound, account.ErrNotFound.Code)
	}
	get(w, old, "/v1/me").Want(t, http.StatusOK)

	post(w, fresh.Token, "/v1/sessions/"+list.Items[1].ID+"/end", nil).Want(t, http.StatusOK)
	wantCode(t, get(w, old, "/v1/me"), http.StatusUnauthorized, account.ErrNoSession.Code)
	wantCode(t, post(w, fresh.Token, "/v1/sessions/"+list.Items[1].ID+"/end", nil), http.StatusNotFound, account.ErrNotFound.Code)
	if list := sessionsOfToken(w, fresh.Token); len(list.Items) != 1 {
		t.Errorf("an ended session is listed: %+v", list)
	}

	post(w, fresh.Token, "/v1/logout", nil).Want(t, http.StatusOK)
	for _, path := range []string{"/v1/me", "/v1/inbox"} {
		wantCode(t, get(w, fresh.Token, path), http.StatusUnauthorized, account.ErrNoSession.Code)
	}
	wantCode(t, post(w, fresh.Token, "/v1/logout", nil), http.StatusUnauthorized, account.ErrNoSession.Code)
	get(w, other, "/v1/me").Want(t, http.StatusOK)
}

// TestALoginCodeThatIsNotGoodIsRefused holds that each is 422 account.code.
func TestALoginCodeThatIsNotGoodIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	used := w.Sim.LoginCode("openid-of-somebody")
	login(w, used).Want(t, http.StatusCreated)
	w.Clock.Advance(6 * time.Minute) // no longer a retry
	expired := w.Sim.LoginCode("openid-of-somebody")
	w.Sim.Advance(6 * time.Minute)
	n := number(w, "SELECT COUNT(*) FROM sessions")
	for name, code := range map[string]string{
		"used": used, "expired": expired, "unknown": "0a1B2c3D4e5F6g7H8i9J", "spaced": "0a1B 2c3D", "Chinese": "登录凭证", "of a URL": "a&appid=wx0",
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, login(w, code), http.StatusUnprocessableEntity, account.ErrCode.Code) })
	}
	if number(w, "SELECT COUNT(*) FROM sessions") != n {
		t.Error("a refused login left a session")
	}
}

// TestAPlatformThatFailsIsNotShown holds that a login answers 503 and keeps the
// cause for the log, and that the next login works.
func TestAPlatformThatFailsIsNotShown(t *testing.T) {
	t.Parallel()
	const canary = "canary-of-the-platform"
	tests := map[string]struct {
		fault  simulator.Fault
		status int
		code   string
	}{
		"busy":           {simulator.Fault{Code: -1, Message: canary}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"quota":          {simulator.Fault{Code: 45009, Message: canary}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"wrong secret":   {simulator.Fault{Code: 40125, Message: canary}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"HTTP 500":       {simulator.Fault{Status: 500}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"HTTP 502":       {simulator.Fault{Status: 502}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"cut":            {simulator.Fault{Cut: true}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"slow":           {simulator.Fault{Delay: time.Second}, http.StatusServiceUnavailable, account.ErrPlatform.Code},
		"risky user":     {simulator.Fault{Code: 40226, Message: canary}, http.StatusForbidden, account.ErrRisky.Code},
		"too often":      {simulator.Fault{Code: 45011, Message: canary}, http.StatusTooManyRequests, account.ErrTooOften.Code},
		"a code unheard": {simulator.Fault{Code: 12345, Message: canary}, http.StatusInternalServerError, "internal"},
	}
	w := apptest.New(t, func(c *config.Config) { c.WeChat.Timeout = 300 * time.Millisecond })
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := number(w, "SELECT COUNT(*) FROM sessions")
			code := w.Sim.LoginCode("openid-of-somebody")
			w.Sim.Fault(simulator.PathLogin, test.fault)
			a := login(w, code)
			wantCode(t, a, test.status, test.code)
			for _, secret := range []string{canary, "wechat", "errcode", "HTTP status", "EOF", "timed out", code} {
				if strings.Contains(string(a.Body), secret) {
					t.Errorf("the body shows %q: %s", secret, a.Body)
				}
			}
			if got := strings.Count(w.Log.String(), a.Header.Get("X-Request-Id")); test.status >= 500 && got != 1 {
				t.Errorf("the log has the request %d times:\n%s", got, w.Log)
			}
			if n := number(w, "SELECT COUNT(*) FROM sessions"); n != before {
				t.Errorf("%d sessions after a login that failed, %d before", n, before)
			}
			w.LoginAs("openid-of-somebody")
		})
	}
}

// TestALoginIsRepeatedAfterALostAnswer holds that the same code, sent again,
// logs the same account in without asking the platform twice.
func TestALoginIsRepeatedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	code := w.Sim.LoginCode("openid-of-somebody")
	var one, two struct{ Token string }
	login(w, code).Into(t, http.StatusCreated, &one)
	w.Clock.Advance(4 * time.Minute)
	login(w, code).Into(t, http.StatusCreated, &two)
	if one.Token == two.Token || len(sessionsOfToken(w, two.Token).Items) != 2 {
		t.Error("the second login is not a session of the same account")
	}
	if n := w.Sim.Calls(simulator.PathLogin); n != 1 {
		t.Errorf("the platform was asked %d times", n)
	}
	if n := number(w, "SELECT COUNT(*) FROM accounts"); n != 1 {
		t.Errorf("%d accounts of one openid", n)
	}
}

// TestLoginsAreLimitedByAddress holds that tries count whatever becomes of
// them, for an hour, and without Redis as well.
func TestLoginsAreLimitedByAddress(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]apptest.Option{
		"with Redis": nil, "with Redis down": {withoutRedis},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, append(options, limitsOf(3, 1000))...)
			const here = "203.0.113.7:1000"
			good := func() string { return w.Sim.LoginCode("openid-of-somebody") }
			for i, try := range []struct {
				address, code string
				want          int
			}{
				{here, good(), http.StatusCreated},
				{here, "wrong", http.StatusUnprocessableEntity},
				{"203.0.113.7:2000", good(), http.StatusCreated}, // another port is the same address
				{here, good(), http.StatusTooManyRequests},
				{here, "wrong", http.StatusTooManyRequests},
				{"203.0.113.8:1000", good(), http.StatusCreated},
			} {
				if got := from(w, try.address, "", try.code); got != try.want {
					t.Errorf("try %d: status %d, want %d", i+1, got, try.want)
				}
			}
			w.Clock.Advance(time.Hour)
			if got := from(w, here, "", good()); got != http.StatusCreated {
				t.Errorf("an hour later: status %d", got)
			}
		})
	}
}

// TestOneNetworkOfIPv6IsOneAddress holds that who has 2^64 addresses has no
// more tries.
func TestOneNetworkOfIPv6IsOneAddress(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, limitsOf(1, 1000))
	for address, want := range map[string]int{"[2001:db8:0:1::1]:1": 201, "[2001:db8:0:2::1]:1": 201} {
		if got := from(w, address, "", w.Sim.LoginCode("somebody")); got != want {
			t.Errorf("%s: status %d, want %d", address, got, want)
		}
	}
	if got := from(w, "[2001:db8:0:1:ffff::2]:1", "", w.Sim.LoginCode("somebody")); got != http.StatusTooManyRequests {
		t.Errorf("another address of the network: status %d", got)
	}
}

// TestAnAddressIsNotWhatTheClientSays holds that X-Forwarded-For counts only
// where it comes from a proxy that is named.
func TestAnAddressIsNotWhatTheClientSays(t *testing.T) {
	t.Parallel()
	proxies := func(c *config.Config) { c.TrustedProxies = []string{"10.0.0.0/8"} }
	tests := map[string]struct {
		options []apptest.Option
		proxy   string
		want    int // of a second login with another X-Forwarded-For
	}{
		"no proxy is trusted by default": {nil, "10.0.0.1:1", http.StatusTooManyRequests},
		"a trusted proxy is believed":    {[]apptest.Option{proxies}, "10.0.0.1:1", http.StatusCreated},
		"another is not":                 {[]apptest.Option{proxies}, "192.0.2.9:1", http.StatusTooManyRequests},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, append(test.options, limitsOf(1, 1000))...)
			if got := from(w, test.proxy, "198.51.100.1", w.Sim.LoginCode("somebody")); got != http.StatusCreated {
				t.Fatalf("the first login: status %d", got)
			}
			if got := from(w, test.proxy, "198.51.100.2", w.Sim.LoginCode("somebody")); got != test.want {
				t.Errorf("the second login: status %d, want %d", got, test.want)
			}
			// A proxy appends: what the client wrote before it is not believed.
			if got := from(w, test.proxy, "198.51.100.77, 198.51.100.1", w.Sim.LoginCode("somebody")); got != http.StatusTooManyRequests {
				t.Errorf("a made-up address before the proxy's: status %d", got)
			}
		})
	}
}

// TestANewSessionWearsTheIdentityWornLast holds what a login begins with.
func TestANewSessionWearsTheIdentityWornLast(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	hire(w, w.Other.ID, "同一人", w.Phone(apptest.Author), member.Leader)
	phone := w.Login(apptest.Author)
	w.Bind(phone, w.OpenID(apptest.Author), w.Phone(apptest.Author)).Want(t, http.StatusCreated)
	county, other := meOf(w, phone).at(t, w.County.Name), meOf(w, phone).at(t, w.Other.Name)
	choose := func(token string, b binding) {
		t.Helper()
		post(w, token, "/v1/bindings/"+b.ID+"/choose", nil).Want(t, http.StatusOK)
	}
	wearsNext := func(want binding) {
		t.Helper()
		token := w.Login(apptest.Author)
		if m := meOf(w, token); !m.at(t, want.Institution).Current {
			t.Errorf("a new session does not wear the identity at %s: %+v", want.Institution, m.Bindings)
		}
		post(w, token, "/v1/logout", nil).Want(t, http.StatusOK)
	}
	wearsNext(county) // the oldest
	w.Clock.Advance(time.Minute)
	choose(phone, other)
	wearsNext(other)
	w.Clock.Advance(time.Minute)
	choose(phone, county)
	wearsNext(county)
	post(w, phone, "/v1/logout", nil).Want(t, http.StatusOK)
	wearsNext(county)
}

// TestSessionsAreTidiedUpAMonthAfterTheirEnd holds that what is old goes, and
// what lives stays.
func TestSessionsAreTidiedUpAMonthAfterTheirEnd(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, sessionsOf(time.Hour, 2*time.Hour))
	w.Login(apptest.Author)
	w.Clock.Advance(30 * 24 * time.Hour)
	token := w.Login(apptest.Author)
	tidy := func() {
		t.Helper()
		if err := w.Accounts.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tidy()
	if n := number(w, "SELECT COUNT(*) FROM sessions"); n != 2 {
		t.Errorf("%d sessions before a month has passed", n)
	}
	w.Clock.Advance(27 * time.Hour)
	fresh := w.Login(apptest.Author)
	w.Clock.Advance(time.Hour - time.Minute)
	tidy()
	if n := number(w, "SELECT COUNT(*) FROM sessions"); n != 2 {
		t.Errorf("%d sessions after a month", n)
	}
	if n := number(w, "SELECT COUNT(*) FROM attempts WHERE window_at < ?", store.Micro(w.Clock.Now().Add(-24*time.Hour))); n != 0 {
		t.Errorf("%d attempts of days ago are kept", n)
	}
	get(w, token, "/v1/me").Want(t, http.StatusUnauthorized)
	get(w, fresh, "/v1/me").Want(t, http.StatusOK)
}
