package api_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/store"
)

// browser is one at a desk, with its cookies.
type browser struct {
	*apptest.World
	cookies map[string]*http.Cookie
	header  http.Header // of every request
}

func newBrowser(w *apptest.World) *browser {
	return &browser{w, map[string]*http.Cookie{}, http.Header{
		"User-Agent":     {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"},
		"Sec-Fetch-Site": {"same-origin"},
	}}
}

// do sends a request with the cookies, and keeps those that come back.
func (b *browser) do(method, path string, body any, header http.Header) apptest.Answer {
	b.T.Helper()
	c := apptest.Call{Method: method, Path: path, Body: body, Header: maps.Clone(b.header)}
	maps.Copy(c.Header, header)
	for _, k := range b.cookies {
		c.Header["Cookie"] = append(c.Header["Cookie"], k.Name+"="+k.Value)
	}
	a := b.Send(c)
	for _, k := range (&http.Response{Header: a.Header}).Cookies() {
		if b.cookies[k.Name] = k; k.MaxAge < 0 {
			delete(b.cookies, k.Name)
		}
	}
	return a
}

// desk is the ticket of a browser.
type desk struct {
	ID, Digits, Code, Picture string
	EndsAt                    time.Time `json:"ends_at"`
}

func (b *browser) open() desk {
	b.T.Helper()
	var d desk
	b.do(http.MethodPost, "/v1/desk-logins", nil, nil).Into(b.T, http.StatusCreated, &d)
	return d
}

// redeem returns the state, or the code of the problem.
func (b *browser) redeem(id string) string {
	b.T.Helper()
	a := b.do(http.MethodPost, "/v1/desk-logins/"+id+"/redeem", nil, nil)
	if code := a.Code(); code != "" {
		return code
	}
	var v struct{ State string }
	a.Into(b.T, http.StatusOK, &v)
	return v.State
}

// me returns who is at the desk; empty where nobody is.
func (b *browser) me() string {
	b.T.Helper()
	a := b.do(http.MethodGet, "/v1/me", nil, nil)
	var v struct{ Identity struct{ Name string } }
	if a.Status == http.StatusOK {
		a.Into(b.T, http.StatusOK, &v)
	}
	return v.Identity.Name
}

// sitDown lets a person log in at the desk.
func (b *browser) sitDown(name string) {
	b.T.Helper()
	d := b.open()
	b.Post(name, "/v1/desk-logins/"+d.ID+"/confirm", nil).Want(b.T, http.StatusOK)
	if got := b.redeem(d.ID); got != "DONE" {
		b.T.Fatalf("the login of %s came to %s", name, got)
	}
}

const sessionName = "__Host-yanlu-session"

// TestSomebodyLogsInAtADesk walks it: the telephone shows the same digits and
// what the desk is, and the browser gets a cookie that no script reads.
func TestSomebodyLogsInAtADesk(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	b := newBrowser(w)
	d := b.open()
	code, err := url.Parse(d.Code)
	if err != nil || code.Query().Get("ticket") != d.ID || code.Scheme != "https" || code.Path != "/desk" {
		t.Errorf("the code says %s, %v", d.Code, err)
	}
	if !regexp.MustCompile(`^\d{4}$`).MatchString(d.Digits) || d.EndsAt.Sub(w.Clock.Now()).Round(time.Second) != 2*time.Minute {
		t.Errorf("digits %s, until %v", d.Digits, d.EndsAt)
	}
	wantPicture(t, d.Picture, d.Code)
	if got := b.redeem(d.ID); got != "WAITING" || b.me() != "" {
		t.Errorf("before the telephone: %s, %q", got, b.me())
	}
	var seen struct{ State, Digits, Device, Network string }
	w.Get(apptest.Staff, "/v1/desk-logins/"+d.ID).Into(t, http.StatusOK, &seen)
	if seen.Digits != d.Digits || seen.Device != "Windows 电脑，Edge 浏览器" || seen.Network != "192.0.2.*" || seen.State != "WAITING" {
		t.Errorf("the telephone shows %+v", seen)
	}
	w.Post(apptest.Staff, "/v1/desk-logins/"+d.ID+"/confirm", nil).Want(t, http.StatusOK)
	if got := b.redeem(d.ID); got != "DONE" {
		t.Fatalf("after the telephone: %s", got)
	}
	k := b.cookies[sessionName]
	if k == nil || !k.HttpOnly || !k.Secure || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Domain != "" || len(b.cookies) != 1 {
		t.Fatalf("cookies: %+v", b.cookies)
	}
	if got := b.me(); got != apptest.Staff {
		t.Errorf("at the desk is %q", got)
	}
	var sessions struct {
		Items []struct {
			Device  string
			Current bool
		}
	}
	b.do(http.MethodGet, "/v1/sessions", nil, nil).Into(t, http.StatusOK, &sessions)
	if len(sessions.Items) != 2 || !sessions.Items[0].Current || sessions.Items[0].Device != seen.Device {
		t.Errorf("sessions: %+v", sessions)
	}

	if again := b.redeem(d.ID); again != account.ErrNoDesk.Code { // the secret is gone with the login
		t.Errorf("a second time: %s", again)
	}
	b.do(http.MethodPost, "/v1/logout", nil, nil).Want(t, http.StatusOK)
	if len(b.cookies) != 0 {
		t.Errorf("after logging out: %+v", b.cookies)
	}
	b.cookies[sessionName] = k
	if b.me() != "" || len(b.cookies) != 0 {
		t.Errorf("the cookie of before works still, or stays: %+v", b.cookies)
	}
	w.Get(apptest.Staff, "/v1/me").Want(t, http.StatusOK)
}

// wantPicture holds that a picture is the QR code of a text with a margin.
func wantPicture(t *testing.T, picture, text string) {
	t.Helper()
	raw, ok := strings.CutPrefix(picture, "data:image/svg+xml;base64,")
	svg, err := base64.StdEncoding.DecodeString(raw)
	if !ok || err != nil {
		t.Fatalf("no picture: %.60s, %v", picture, err)
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	dark, side := map[[2]int]bool{}, code.Bounds().Dx()
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h1v1h-1z`).FindAllStringSubmatch(string(svg), -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		dark[[2]int{x - 4, y - 4}] = true
	}
	n := 0
	for y := range side {
		for x := range side {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				if n++; !dark[[2]int{x, y}] {
					t.Fatalf("the module %d,%d is light", x, y)
				}
			}
		}
	}
	if n == 0 || n != len(dark) || !strings.Contains(string(svg), `viewBox="0 0 `+strconv.Itoa(side+8)+" ") {
		t.Errorf("%d modules are dark, want %d: %.200s", len(dark), n, svg)
	}
}

// TestATicketOpensOneDoorOnce holds who may do what with a ticket, and when.
func TestATicketOpensOneDoorOnce(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	confirm := func(name, id, want string) {
		t.Helper()
		if a := w.Post(name, "/v1/desk-logins/"+id+"/confirm", nil); a.Code() != want {
			t.Errorf("%s confirms: %d %q, want %q", name, a.Status, a.Code(), want)
		}
	}
	t.Run("the secret of another browser is none", func(t *testing.T) {
		b, thief := newBrowser(w), newBrowser(w)
		d := b.open()
		thief.open() // so that it has a secret of its own
		confirm(apptest.Staff, d.ID, "")
		for name, x := range map[string]*browser{"another browser": thief, "one without a secret": newBrowser(w)} {
			if got := x.redeem(d.ID); got != account.ErrNoDesk.Code || x.me() != "" {
				t.Errorf("%s: %s, %q", name, got, x.me())
			}
		}
		if got := b.redeem(d.ID); got != "DONE" {
			t.Errorf("the right one after that: %s", got)
		}
	})
	t.Run("once", func(t *testing.T) {
		b := newBrowser(w)
		d := b.open()
		secret := maps.Clone(b.cookies)
		confirm(apptest.Staff, d.ID, "")
		if got := b.redeem(d.ID); got != "DONE" {
			t.Fatal(got)
		}
		b.cookies = secret
		if got := b.redeem(d.ID); got != account.ErrDeskOver.Code || b.me() != "" {
			t.Errorf("again: %s, %q", got, b.me())
		}
		confirm(apptest.Leader, d.ID, account.ErrDeskOver.Code)
	})
	t.Run("after two minutes no more", func(t *testing.T) {
		b := newBrowser(w)
		early, late := b.open(), b.open()
		w.Clock.Advance(115 * time.Second)
		confirm(apptest.Staff, early.ID, "")
		w.Clock.Advance(5 * time.Second)
		confirm(apptest.Staff, late.ID, account.ErrDeskOver.Code)
		for _, d := range []desk{early, late} {
			if got := b.redeem(d.ID); got != "EXPIRED" || b.me() != "" {
				t.Errorf("%s, %q", got, b.me())
			}
		}
	})
	t.Run("refused", func(t *testing.T) {
		b := newBrowser(w)
		d := b.open()
		w.Post(apptest.Staff, "/v1/desk-logins/"+d.ID+"/refuse", nil).Want(t, http.StatusOK)
		confirm(apptest.Staff, d.ID, account.ErrDeskOver.Code)
		if got := b.redeem(d.ID); got != "REFUSED" || b.me() != "" {
			t.Errorf("%s, %q", got, b.me())
		}
	})
	t.Run("by the first who confirms", func(t *testing.T) {
		b := newBrowser(w)
		d := b.open()
		confirm(apptest.Author, d.ID, "")
		confirm(apptest.Staff, d.ID, account.ErrDeskOver.Code)
		confirm(apptest.Author, d.ID, "") // whose answer was lost
		if a := w.Post(apptest.Author, "/v1/desk-logins/"+d.ID+"/refuse", nil); a.Code() != account.ErrDeskOver.Code {
			t.Errorf("and then refuses: %d %s", a.Status, a.Body)
		}
		if got := b.redeem(d.ID); got != "DONE" || b.me() != apptest.Author {
			t.Errorf("%s, %q", got, b.me())
		}
	})
	t.Run("not by a telephone that has logged out since", func(t *testing.T) {
		b := newBrowser(w)
		d := b.open()
		w.Token(apptest.Leader)
		token := w.Login(apptest.Leader)
		w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/desk-logins/" + d.ID + "/confirm", Token: token}).Want(t, http.StatusOK)
		w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/logout", Token: token}).Want(t, http.StatusOK)
		if got := b.redeem(d.ID); got != "REFUSED" || b.me() != "" {
			t.Errorf("%s, %q", got, b.me())
		}
	})
	t.Run("not by another desk", func(t *testing.T) {
		b, next := newBrowser(w), newBrowser(w)
		b.sitDown(apptest.Staff)
		d := next.open()
		for _, a := range []apptest.Answer{
			b.do(http.MethodGet, "/v1/desk-logins/"+d.ID, nil, nil), b.do(http.MethodPost, "/v1/desk-logins/"+d.ID+"/confirm", nil, nil),
			b.do(http.MethodPost, "/v1/desk-logins/"+d.ID+"/refuse", nil, nil),
		} {
			if a.Code() != account.ErrPhoneOnly.Code {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		}
		if got := next.redeem(d.ID); got != "WAITING" {
			t.Errorf("it came to %s", got)
		}
	})
	t.Run("not two pages of one browser against each other", func(t *testing.T) {
		b := newBrowser(w)
		one, two := b.open(), b.open()
		if b.redeem(one.ID) != "WAITING" || b.redeem(two.ID) != "WAITING" {
			t.Error("the second turned the first away")
		}
	})
	t.Run("and ends the session that the browser had", func(t *testing.T) {
		b := newBrowser(w)
		b.sitDown(apptest.Staff)
		before := maps.Clone(b.cookies)
		b.sitDown(apptest.Author)
		if got := b.me(); got != apptest.Author {
			t.Errorf("at the desk is %q", got)
		}
		if b.cookies = before; b.me() != "" {
			t.Error("the session before goes on")
		}
	})
}

// TestOneTelephoneLetsOneSessionIn holds it of those who come at the same moment:
// of eight who confirm one does it, and of eight requests of the browser one begins
// a session.
func TestOneTelephoneLetsOneSessionIn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var tokens []string
	for _, name := range []string{apptest.Author, apptest.CoAuthor, apptest.OtherMember, apptest.Staff, apptest.ProposalStaff, apptest.Leader, apptest.LeadHandler, apptest.Admin} {
		tokens = append(tokens, w.Token(name))
	}
	for range 10 {
		b := newBrowser(w)
		d := b.open()
		one := func(codes []string, won string) {
			t.Helper()
			n := 0
			for _, c := range codes {
				if c == won {
					n++
				} else if c != account.ErrDeskOver.Code {
					t.Errorf("who came late was told %q", c)
				}
			}
			if n != 1 {
				t.Errorf("%d were first: %q", n, codes)
			}
		}
		one(together(len(tokens), func(i int) string {
			return w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/desk-logins/" + d.ID + "/confirm", Token: tokens[i]}).Code()
		}), "")
		one(together(8, func(int) string {
			page := newBrowser(w)
			page.cookies = maps.Clone(b.cookies)
			return page.redeem(d.ID)
		}), "DONE")
	}
	var begun int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM sessions WHERE desk").Scan(&begun).Error; err != nil || begun != 10 {
		t.Errorf("%d sessions began, %v", begun, err)
	}
}

// TestAnotherSiteDoesNotUseTheCookie holds what is refused of a browser with a
// session, and that a telephone knows nothing of it.
func TestAnotherSiteDoesNotUseTheCookie(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.PublicURL = "https://yanlu.example.cn" })
	b := newBrowser(w)
	b.sitDown(apptest.Author)
	delete(b.header, "Sec-Fetch-Site")
	for name, test := range map[string]struct {
		header http.Header
		passes bool
	}{
		"this site":                           {http.Header{"Sec-Fetch-Site": {"same-origin"}}, true},
		"another site":                        {http.Header{"Sec-Fetch-Site": {"cross-site"}}, false},
		"another site of this domain":         {http.Header{"Sec-Fetch-Site": {"same-site"}}, false},
		"an old browser, this site":           {http.Header{"Origin": {"https://example.com"}}, true},
		"an old browser, its public name":     {http.Header{"Origin": {"https://yanlu.example.cn"}}, true},
		"an old browser, another site":        {http.Header{"Origin": {"https://other.example.cn"}}, false},
		"an old browser, a page from nowhere": {http.Header{"Origin": {"null"}}, false},
	} {
		for path, body := range map[string]any{"/v1/suggestions": submission("路灯" + name), "/v1/inbox/read": map[string]any{}, "/v1/desk-logins": nil} {
			a := b.do(http.MethodPost, path, body, test.header)
			if passed := a.Code() != "request.foreign"; passed != test.passes || passed && a.Status >= http.StatusInternalServerError {
				t.Errorf("%s, %s: %d %s", name, path, a.Status, a.Body)
			}
		}
	}
	d := b.open()
	if a := b.do(http.MethodPost, "/v1/desk-logins/"+d.ID+"/redeem", nil, http.Header{"Sec-Fetch-Site": {"cross-site"}}); a.Code() != "request.foreign" {
		t.Errorf("a ticket is redeemed from another site: %d %s", a.Status, a.Body)
	}
	bearer := http.Header{"Authorization": {"Bearer " + w.Token(apptest.Staff)}}
	if a := b.do(http.MethodGet, "/v1/me", nil, bearer); a.Status != http.StatusBadRequest || a.Code() != "request.two_logins" {
		t.Errorf("with a cookie and a token: %d %s", a.Status, a.Body)
	}
	// A telephone sends no cookie, and whatever it says of where it comes from is its own.
	w.Send(apptest.Call{
		Method: http.MethodPost, Path: "/v1/suggestions", Token: w.Token(apptest.Author), Body: submission("修复人民路路灯"),
		Header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://servicewechat.com"}},
	}).Want(t, http.StatusCreated)
	// The token of a desk is for its cookie alone, and a telephone's is none of a desk.
	token := b.cookies[sessionName].Value
	if a := w.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/me", Token: token}); a.Code() != account.ErrNoSession.Code {
		t.Errorf("the desk's token as a telephone's: %d %s", a.Status, a.Body)
	}
	b.cookies = map[string]*http.Cookie{sessionName: {Name: sessionName, Value: w.Token(apptest.Staff)}}
	if got := b.me(); got != "" {
		t.Errorf("a telephone's token as a cookie: %s", got)
	}
}

// TestACookieWithoutTLSIsForOnesOwnMachine holds where a cookie goes without the
// mark that keeps it on TLS.
func TestACookieWithoutTLSIsForOnesOwnMachine(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for path, plain := range map[string]bool{
		"http://127.0.0.1:8080/v1/desk-logins": true, "http://localhost:8080/v1/desk-logins": true, "http://[::1]:8080/v1/desk-logins": true,
		"http://yanlu.example.cn/v1/desk-logins": false, "http://192.0.2.7:8080/v1/desk-logins": false, "http://localhost.example.cn/v1/desk-logins": false,
	} {
		a := newBrowser(w).do(http.MethodPost, path, nil, nil).Want(t, http.StatusCreated)
		k, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
		var d desk
		a.Into(t, http.StatusCreated, &d)
		if err != nil || k.Secure == plain || strings.HasPrefix(k.Name, "__Host-") == plain || strings.HasPrefix(d.Code, "https://") == plain || !k.HttpOnly {
			t.Errorf("%s: %v, %v, %s", path, k, err, d.Code)
		}
	}
}

// TestADeskDoesNotCountAsAVisit holds that use at a desk moves its session's end
// on and tells nobody that somebody is in the mini-program.
func TestADeskDoesNotCountAsAVisit(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.Session.Sliding, c.Session.Absolute = 2*time.Hour, 5*time.Hour })
	b := newBrowser(w)
	b.sitDown(apptest.Author)
	visit := func() string {
		t.Helper()
		var state string
		err := w.DB.Gorm(t.Context()).Raw("SELECT state FROM checks ORDER BY id DESC LIMIT 1").Scan(&state).Error
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	submit(w, apptest.Author)
	w.Write(func(tx *store.Tx) error { tx.Exec("UPDATE checks SET state = 'ABSENT'"); return nil })
	for range 3 {
		w.Clock.Advance(90 * time.Minute)
		if got := b.me(); got != apptest.Author {
			t.Fatalf("at the desk is %q", got)
		}
	}
	if got := visit(); got != "ABSENT" {
		t.Errorf("the check is %s", got)
	}
	w.Login(apptest.Author)
	if got := visit(); got != "QUEUED" {
		t.Errorf("after a visit the check is %s", got)
	}
	w.Clock.Advance(30 * time.Minute)
	if got := b.me(); got != "" {
		t.Errorf("after the absolute end is %q", got)
	}
}

// TestADeskSaysWhenRedisIsAway holds what both sides read then.
func TestADeskSaysWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.Redis.URL = config.NewURL("redis://127.0.0.1:1/0") })
	b := newBrowser(w)
	id := w.Person(apptest.Author).ID
	for _, a := range []apptest.Answer{
		b.do(http.MethodPost, "/v1/desk-logins", nil, nil), b.do(http.MethodPost, "/v1/desk-logins/"+id+"/redeem", nil, nil),
		w.Get(apptest.Author, "/v1/desk-logins/"+id), w.Post(apptest.Author, "/v1/desk-logins/"+id+"/confirm", nil),
	} {
		if p := problemIn(t, a); a.Status != http.StatusServiceUnavailable || p.Code != account.ErrDeskDown.Code {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if strings.Contains(w.Log.String(), "panic") {
		t.Error("it panicked")
	}
}

// TestTheDeskIsToldInPlainWords holds what is made of browsers, and that nothing
// of what they say themselves comes through.
func TestTheDeskIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; UOS Professional) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0 Safari/537.36 UOSBrowser/6.3": "统信电脑，Chrome 浏览器",
		"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0 Safari/537.36 QIHU 360EE":                    "Windows 电脑，360 浏览器",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":              "苹果电脑，Safari 浏览器",
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                     "Linux 电脑，火狐浏览器",
		"机关办公电脑（安全，请确认）":                                                                                                                     "电脑，浏览器",
		"": "电脑，浏览器",
	} {
		b := newBrowser(w)
		b.header.Set("User-Agent", agent)
		var seen struct{ Device string }
		w.Get(apptest.Staff, "/v1/desk-logins/"+b.open().ID).Into(t, http.StatusOK, &seen)
		if seen.Device != want {
			t.Errorf("%.60q is %s, want %s", agent, seen.Device, want)
		}
	}
}
