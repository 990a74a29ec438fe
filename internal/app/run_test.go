package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/config"
	"yanlu/internal/app"
	"yanlu/internal/app/apptest"
	"yanlu/internal/audit"
	"yanlu/internal/store"
	"yanlu/internal/store/storetest"
)

// output is what a command prints, while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func run(t *testing.T, environ []string, args ...string) (string, error) {
	t.Helper()
	var out output
	err := app.Run(t.Context(), args, environ, &out)
	return out.String(), err
}

// The keys of an installation that is no demo.
const (
	encryptionKey = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
	lookupKey     = "EjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8="
	auditKey      = "NFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFZ4kKvN7xI="
)

// realEnviron is a complete configuration for serve.
func realEnviron(address string, more ...string) []string {
	return append([]string{
		"YANLU_LISTEN=127.0.0.1:0", "YANLU_DATABASE_URL=" + address, "YANLU_KEYS_ENCRYPTION=" + encryptionKey, "YANLU_KEYS_LOOKUP=" + lookupKey, "YANLU_KEYS_AUDIT=" + auditKey,
		"YANLU_WECHAT_APPID=wx0123456789abcdef", "YANLU_WECHAT_SECRET=0123456789abcdef0123456789abcdef",
		"YANLU_WECHAT_CALLBACK_TOKEN=callbacktoken", "YANLU_WECHAT_CALLBACK_AES_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
	}, more...)
}

// TestCommandsThatAskForNothing holds what they print.
func TestCommandsThatAskForNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"help":           {[]string{"help"}, []string{"demo", "serve", "migrate", "grant", "audit", "openapi", "version", "config.example.yaml"}},
		"--help":         {[]string{"--help"}, []string{"Usage: yanlu"}},
		"-h":             {[]string{"-h"}, []string{"Usage: yanlu"}},
		"version":        {[]string{"version"}, []string{"development\n"}},
		"openapi":        {[]string{"openapi"}, []string{"# Generated", "openapi: 3.1.0", "/v1/login:"}},
		"help of serve":  {[]string{"serve", "--help"}, []string{"-config"}},
		"help of grant":  {[]string{"grant", "-h"}, []string{"-institution"}},
		"help of a verb": {[]string{"migrate", "--help"}, []string{"-config"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, nil, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing in:\n%.2000s", want, out)
				}
			}
		})
	}
}

// TestACommandThatIsWrongIsRefused holds that nothing starts.
func TestACommandThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown":                  {[]string{"sevre"}, `no command "sevre"`},
		"empty":                    {[]string{""}, `no command ""`},
		"an argument too many":     {[]string{"serve", "now"}, `unexpected argument "now"`},
		"an unknown flag":          {[]string{"demo", "--prod"}, "-prod"},
		"migrate without a verb":   {[]string{"migrate"}, "migrate up | yanlu migrate status"},
		"migrate with another":     {[]string{"migrate", "down"}, "migrate up | yanlu migrate status"},
		"audit without a verb":     {[]string{"audit"}, "audit verify [--heads FILE] | yanlu audit heads"},
		"audit with another":       {[]string{"audit", "mend"}, "audit verify [--heads FILE] | yanlu audit heads"},
		"grant without names":      {[]string{"grant"}, "--institution NAME --name NAME"},
		"grant without a person":   {[]string{"grant", "--institution", "言城县政协"}, "--name NAME"},
		"a file that is not there": {[]string{"serve", "--config", "/nonexistent/yanlu.yaml"}, "/nonexistent/yanlu.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := run(t, nil, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestServeNeverFallsBackToTheDemo holds that every problem is told at once, and
// that what everybody knows is refused.
func TestServeNeverFallsBackToTheDemo(t *testing.T) {
	t.Parallel()
	keys := []string{
		"database.url", "keys.encryption", "keys.lookup", "keys.audit", "wechat.appid", "wechat.secret", "wechat.callback_token", "wechat.callback_aes_key",
	}
	t.Run("without a configuration", func(t *testing.T) {
		t.Parallel()
		for _, command := range [][]string{{"serve"}, {"migrate", "up"}, {"migrate", "status"}, {"grant", "--institution", "x", "--name", "y"}} {
			_, err := run(t, []string{"YANLU_MISPELT=1", "PATH=/bin"}, command...)
			if err == nil {
				t.Fatalf("%v starts", command)
			}
			for _, key := range append(keys, "YANLU_MISPELT") {
				if !strings.Contains(err.Error(), key) {
					t.Errorf("%v does not tell of %s: %v", command, key, err)
				}
			}
		}
	})
	t.Run("with the keys of the demo", func(t *testing.T) {
		t.Parallel()
		demo := config.Default(config.Demo)
		_, err := run(t, realEnviron("sqlite:"+filepath.Join(t.TempDir(), "x.db"),
			"YANLU_KEYS_ENCRYPTION="+demo.Keys.Encryption.Reveal(), "YANLU_KEYS_LOOKUP="+demo.Keys.Lookup.Reveal(), "YANLU_WECHAT_SECRET="+demo.WeChat.Secret.Reveal(),
		), "serve")
		for _, key := range []string{"keys.encryption", "keys.lookup", "wechat.secret"} {
			if err == nil || !strings.Contains(err.Error(), key) {
				t.Errorf("%s: %v", key, err)
			}
		}
		if err != nil && (strings.Contains(err.Error(), demo.Keys.Lookup.Reveal()) || strings.Contains(err.Error(), encryptionKey)) {
			t.Errorf("a key is printed: %v", err)
		}
	})
	t.Run("and the demo takes no real WeChat", func(t *testing.T) {
		t.Parallel()
		_, err := run(t, []string{"YANLU_WECHAT_SECRET=0123456789abcdef0123456789abcdef", "YANLU_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "x.db")})
		if err == nil || !strings.Contains(err.Error(), "wechat.secret") || strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("%v", err)
		}
	})
}

// TestADatabaseIsMigratedBeforeItServes walks an installation: serve refuses,
// status tells, up brings it there, and up again changes nothing.
func TestADatabaseIsMigratedBeforeItServes(t *testing.T) {
	t.Parallel()
	environ := realEnviron(storetest.Empty(t))
	if _, err := run(t, environ, "serve"); err == nil || !strings.Contains(err.Error(), "yanlu migrate up") {
		t.Errorf("serve on an empty database: %v", err)
	}
	if out, err := run(t, environ, "migrate", "status"); err != nil || strings.Count(out, "pending") < 4 || strings.Contains(out, "applied") {
		t.Errorf("status before: %v\n%s", err, out)
	}
	first, err := run(t, environ, "migrate", "up")
	if err != nil || strings.Contains(first, "pending") || strings.Count(first, "applied") < 4 {
		t.Errorf("up: %v\n%s", err, first)
	}
	for _, verb := range []string{"up", "status"} {
		if out, err := run(t, environ, "migrate", verb); err != nil || out != first {
			t.Errorf("%s again: %v\n%s", verb, err, out)
		}
	}
	p := start(t, environ, "serve")
	p.get(t, "/readyz", http.StatusOK)
	p.get(t, "/", http.StatusOK)
	for _, path := range []string{"/demo/", "/demo/people", "/demo/demo.js"} {
		p.get(t, path, http.StatusNotFound)
	}
	p.send(t, http.MethodPost, "/demo/people/"+uuid.NewString()+"/enter", "", http.StatusNotFound)
	if about := p.get(t, "/v1/about", http.StatusOK); !strings.Contains(about, `"demo":false`) || strings.Contains(about, "name") {
		t.Errorf("it says of itself: %s", about)
	}
	p.stop(t)
}

// TestOtherKeysAreRefused holds that nothing runs on a database that was written
// with other keys, and that either key is looked at.
func TestOtherKeysAreRefused(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	grant := func(more ...string) error {
		_, err := run(t, realEnviron(address, more...), "grant", "--institution", "授权县政协", "--name", "管理员")
		return err
	}
	if err := grant(); err != nil {
		t.Fatal(err)
	}
	const other = "VniQq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjQ="
	for _, key := range []string{"YANLU_KEYS_ENCRYPTION=" + other, "YANLU_KEYS_LOOKUP=" + other} {
		if err := grant(key); err == nil || !strings.Contains(err.Error(), "keys.encryption or keys.lookup") || strings.Contains(err.Error(), other) {
			t.Errorf("%.12s…: %v", key, err)
		}
	}
	if err := grant("YANLU_KEYS_AUDIT=" + other); !errors.Is(err, audit.ErrKey) {
		t.Errorf("another key of the audit: %v", err)
	}
	if err := grant(); err != nil {
		t.Errorf("the right keys after the wrong ones: %v", err)
	}
}

// TestAGrantPrintsACodeThatBinds walks the first administrator in: once, by the
// code that only the command shows.
func TestAGrantPrintsACodeThatBinds(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	grant := func(more ...string) (string, error) {
		return run(t, realEnviron(address), append([]string{"grant", "--institution", "授权县政协"}, more...)...)
	}
	out, err := grant("--name", "首位管理员", "--phone", "138-1234-5678")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`once: ([0-9A-Z]{10})\n`).FindStringSubmatch(out)
	if code == nil {
		t.Fatalf("no code in %q", out)
	}
	if _, err := grant("--name", "第二位管理员"); err != nil {
		t.Errorf("a second administrator: %v", err)
	}
	if _, err := grant("--name", "号码不对", "--phone", "12345"); err == nil || !strings.Contains(err.Error(), "member.phone") {
		t.Errorf("a number that is none: %v", err)
	}
	if _, err := grant("--name", "号码重复", "--phone", "13812345678"); err == nil {
		t.Error("a number twice in one institution is taken")
	}
	if _, err := run(t, realEnviron(address), "grant", "--institution", "另一县政协", "--name", "x", "--level", "VILLAGE"); err == nil {
		t.Error("a level that is none is taken")
	}
	for parent, level := range map[string]string{"不存在的政协": "COUNTY", "授权县政协": "PREFECTURE"} {
		if _, err := run(t, realEnviron(address), "grant", "--institution", "另一市政协", "--name", "x", "--level", level, "--parent", parent); err == nil {
			t.Errorf("%s is put above a %s", parent, level)
		}
	}
	if _, err := run(t, realEnviron(address), "grant", "--institution", "石桥镇联络处", "--name", "x", "--level", "TOWN", "--parent", "授权县政协"); err != nil {
		t.Errorf("a town below a county: %v", err)
	}

	w := apptest.Build(t, address, func(c *config.Config) {
		c.Keys.Encryption, c.Keys.Lookup, c.Keys.Audit = keyOf(t, encryptionKey), keyOf(t, lookupKey), keyOf(t, auditKey)
	})
	w.Clock.Advance(time.Since(w.Clock.Now())) // the command ran by the clock of the machine
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM institutions WHERE name IN ('授权县政协', '另一县政协')").Scan(&n).Error; err != nil || n != 1 {
		t.Errorf("%d institutions, %v", n, err)
	}
	bind := func(openID string) apptest.Answer {
		return w.Send(apptest.Call{
			Method: http.MethodPost, Path: "/v1/bindings/invitation", Token: w.LoginAs(openID), Body: map[string]any{"code": strings.ToLower(code[1])},
		})
	}
	var me struct {
		Identity struct {
			Name  string
			Roles []struct{ Role string }
		}
	}
	bind("openid-of-the-first").Into(t, http.StatusCreated, &me)
	if me.Identity.Name != "首位管理员" || fmt.Sprint(me.Identity.Roles) != "[{PLATFORM_ADMIN}]" {
		t.Errorf("bound as %+v", me)
	}
	bind("openid-of-another").Want(t, http.StatusUnprocessableEntity)
	var roster struct {
		Items []struct{ Name, Phone string }
	}
	w.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/people", Token: w.LoginAs("openid-of-the-first")}).Into(t, http.StatusOK, &roster)
	if got := fmt.Sprint(roster.Items); got != "[{首位管理员 138****5678} {第二位管理员 }]" {
		t.Errorf("the roster is %s", got)
	}
}

// keyOf reads a key as it stands in the configuration.
func keyOf(t *testing.T, text string) config.Key {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return config.NewKey(b)
}

// process is a command that serves.
type process struct {
	address string
	out     *output
	cancel  context.CancelFunc
	done    chan error
}

var bannerAddress = regexp.MustCompile(`(?:Open http://|address=)(127\.0\.0\.1:\d+)`)

// start runs a command that serves and waits until it does.
func start(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{out: &output{}, cancel: cancel, done: make(chan error, 1)}
	go func() { p.done <- app.Run(ctx, args, environ, p.out) }()
	t.Cleanup(func() { cancel() })
	for range 1000 {
		if m := bannerAddress.FindStringSubmatch(p.out.String()); m != nil {
			p.address = m[1]
			return p
		}
		select {
		case err := <-p.done:
			t.Fatalf("it ended: %v\n%s", err, p.out)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("it does not serve:\n%s", p.out)
	return nil
}

// stop ends it as Ctrl-C does, and holds that it ends without an error.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.cancel()
	select {
	case err := <-p.done:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
}

func (p *process) send(t *testing.T, method, path, body string, status int) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Close = true
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %.500s, %v", method, path, resp.StatusCode, status, b, err)
	}
	return b
}

func (p *process) get(t *testing.T, path string, status int) string {
	t.Helper()
	return string(p.send(t, http.MethodGet, path, "", status))
}

type demoPeople []struct{ ID, Name string }

func (p *process) people(t *testing.T) demoPeople {
	t.Helper()
	var people demoPeople
	if err := json.Unmarshal([]byte(p.get(t, "/demo/people", http.StatusOK)), &people); err != nil {
		t.Fatal(err)
	}
	return people
}

func demoEnviron(address string) []string {
	return []string{"YANLU_LISTEN=127.0.0.1:0", "YANLU_DATABASE_URL=" + address}
}

// TestTheDemoRunsWithoutASetting holds that a visitor finds a page, the API's
// pages and people, and that it begins a second time where it ended.
func TestTheDemoRunsWithoutASetting(t *testing.T) {
	t.Parallel()
	address := storetest.Empty(t)
	p := start(t, demoEnviron(address))
	if out := p.out.String(); !strings.Contains(out, "DEMO") || !strings.Contains(out, "not for real use") || strings.Contains(out, "password") {
		t.Errorf("the banner:\n%s", out)
	}
	if page := p.get(t, "/demo/", http.StatusOK); !strings.Contains(page, "古丽娜尔·艾山") {
		t.Errorf("the page names nobody:\n%.1000s", page)
	}
	p.get(t, "/demo", http.StatusMovedPermanently)
	p.get(t, "/", http.StatusOK)
	p.get(t, "/healthz", http.StatusOK)
	p.get(t, "/readyz", http.StatusOK)
	docs := p.get(t, "/docs/", http.StatusOK)
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(docs, -1) {
		if strings.Contains(link[1], "//") {
			t.Errorf("the API's pages need another host: %s", link[1])
		}
	}
	if !strings.Contains(p.get(t, "/docs/errors", http.StatusOK), "account.not_bound") || !strings.Contains(p.get(t, "/openapi.json", http.StatusOK), "/v1/login") {
		t.Error("the catalogue of errors or the document is empty")
	}
	people := p.people(t)
	if len(people) < 10 {
		t.Fatalf("people: %+v", people)
	}

	// One of them logs in and binds, as the page does it.
	code := func(what string) string {
		var v struct{ Code string }
		if err := json.Unmarshal(p.send(t, http.MethodPost, "/demo/people/"+people[0].ID+"/"+what, "", http.StatusCreated), &v); err != nil {
			t.Fatal(err)
		}
		return v.Code
	}
	var session struct{ Token string }
	if err := json.Unmarshal(p.send(t, http.MethodPost, "/v1/login", `{"code":"`+code("login-code")+`"}`, http.StatusCreated), &session); err != nil || session.Token == "" {
		t.Errorf("login: %v", err)
	}
	p.send(t, http.MethodPost, "/demo/people/nobody/login-code", "", http.StatusNotFound)
	p.stop(t)

	again := start(t, demoEnviron(address))
	if got := again.people(t); fmt.Sprint(got) != fmt.Sprint(people) {
		t.Errorf("the second start has %v, want %v", got, people)
	}
	again.stop(t)
	db, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var phrases int
	if err := errors.Join(db.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM phrases").Scan(&phrases).Error, db.Close()); err != nil || phrases < 5 || phrases > 50 {
		t.Errorf("the demo's office has %d phrases, %v", phrases, err)
	}
}

// TestAVisitorOfTheDemoIsLetInAsAnybody holds that a browser picks a person, and
// another, by itself and from no other site.
func TestAVisitorOfTheDemoIsLetInAsAnybody(t *testing.T) {
	t.Parallel()
	p := start(t, demoEnviron(storetest.Empty(t)))
	if about := p.get(t, "/v1/about", http.StatusOK); !strings.Contains(about, `"demo":true`) || !strings.Contains(about, "言城县政协") {
		t.Errorf("it says of itself: %s", about)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browse := func(method, path, site string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Close = true
		r.Header.Set("Sec-Fetch-Site", site)
		resp, err := (&http.Client{Jar: jar}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		for _, c := range resp.Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
				t.Errorf("the cookie %v", c)
			}
		}
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	people := p.people(t)
	for range 2 { // binds the first time, and knows them the second
		for _, x := range people[:3] {
			if status, body := browse(http.MethodPost, "/demo/people/"+x.ID+"/enter", "same-origin"); status != http.StatusCreated {
				t.Fatalf("%s enters: %d %s", x.Name, status, body)
			}
			if status, body := browse(http.MethodGet, "/v1/me", "same-origin"); status != http.StatusOK || !strings.Contains(body, `"name":"`+x.Name) {
				t.Errorf("at the desk is %d %s, want %s", status, body, x.Name)
			}
			if status, body := browse(http.MethodGet, "/v1/sessions", "same-origin"); status != http.StatusOK || strings.Count(body, `"device"`) != 1 {
				t.Errorf("sessions of %s: %d %s", x.Name, status, body)
			}
		}
	}
	if status, body := browse(http.MethodPost, "/demo/people/"+people[4].ID+"/enter", "cross-site"); status != http.StatusForbidden {
		t.Errorf("another site lets somebody in: %d %s", status, body)
	}
	if status, body := browse(http.MethodPost, "/demo/people/"+uuid.NewString()+"/enter", "same-origin"); status != http.StatusNotFound {
		t.Errorf("somebody who is not there: %d %s", status, body)
	}
	p.stop(t)
}

// TestTheDemoIsOnLoopback holds the default.
func TestTheDemoIsOnLoopback(t *testing.T) {
	t.Parallel()
	if c := config.Default(config.Demo); !strings.HasPrefix(c.Listen, "127.0.0.1:") {
		t.Errorf("the demo listens on %s", c.Listen)
	}
}

// TestCtrlCFinishesWhatIsUnderWay holds that a request whose body is still on
// its way when the program is told to stop is answered, that no other is taken,
// and that the program ends then.
func TestCtrlCFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	p := start(t, demoEnviron(storetest.Empty(t)))
	var v struct{ Code string }
	if err := json.Unmarshal(p.send(t, http.MethodPost, "/demo/people/"+p.people(t)[0].ID+"/login-code", "", http.StatusCreated), &v); err != nil {
		t.Fatal(err)
	}
	body := `{"code":"` + v.Code + `"}`
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the handler is reading
	p.cancel()
	refused := false
	for range 200 {
		other, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address)
		if err != nil {
			refused = true
			break
		}
		_ = other.Close()
		time.Sleep(10 * time.Millisecond)
	}
	if !refused {
		t.Error("it still takes connections")
	}
	select {
	case err := <-p.done:
		t.Fatalf("it ended before the request: %v", err)
	default:
	}
	if _, err := io.WriteString(conn, body[5:]); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("status %d", resp.StatusCode)
	}
	p.stop(t)
}

// TestAnAddressThatIsTakenEndsTheProgram holds that it says so and leaves the
// database free.
func TestAnAddressThatIsTakenEndsTheProgram(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := storetest.Empty(t)
	environ := []string{"YANLU_LISTEN=" + taken.Addr().String(), "YANLU_DATABASE_URL=" + address}
	if _, err := run(t, environ); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v", err)
	}
	db, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestADatabaseThatIsGoneIsNotReady holds what a load balancer reads.
func TestADatabaseThatIsGoneIsNotReady(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the database does not answer who has gone
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/readyz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{header: http.Header{}}
	w.API.ServeHTTP(rec, r)
	if rec.status != http.StatusServiceUnavailable || strings.Contains(rec.body.String(), "cancel") || !strings.Contains(w.Log.String(), "not ready") {
		t.Errorf("%d %s, log %s", rec.status, rec.body.String(), w.Log)
	}
	w.Send(apptest.Call{Method: http.MethodGet, Path: "/healthz"}).Want(t, http.StatusOK)
	w.Send(apptest.Call{Method: http.MethodGet, Path: "/readyz"}).Want(t, http.StatusOK)
}

// recorder is a response that is kept.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// TestOpenAPIWritesItsFiles holds that the documents go where they are asked for.
func TestOpenAPIWritesItsFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if out, err := run(t, nil, "openapi", "--docs", folder); err != nil || out != "" {
		t.Fatalf("%v %s", err, out)
	}
	for _, name := range []string{"api/openapi.yaml", "docs/errors.md", "docs/flows.md"} {
		if b, err := os.ReadFile(filepath.Join(folder, name)); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, nil, "openapi", "--docs", file); err == nil {
		t.Error("a folder that is a file is taken")
	}
}

// TestAGrantReplacesALostTelephone holds that who is an administrator already
// gets a new code, that the old telephone and the old code open nothing, and
// that there is no second row.
func TestAGrantReplacesALostTelephone(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	grant := func() string {
		t.Helper()
		out, err := run(t, realEnviron(address), "grant", "--institution", "授权县政协", "--name", "管理员", "--phone", "13812345678")
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`once: ([0-9A-Z]{10})\n`).FindStringSubmatch(out)[1]
	}
	first := grant()
	p := start(t, realEnviron(address), "serve")
	p.stop(t)
	second := grant()
	if first == second {
		t.Error("the code is the same")
	}
	w := apptest.Build(t, address, func(c *config.Config) {
		c.Keys.Encryption, c.Keys.Lookup, c.Keys.Audit = keyOf(t, encryptionKey), keyOf(t, lookupKey), keyOf(t, auditKey)
	})
	w.Clock.Advance(time.Since(w.Clock.Now()))
	bind := func(openID, code string) apptest.Answer {
		return w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/bindings/invitation", Token: w.LoginAs(openID), Body: map[string]any{"code": code}})
	}
	bind("openid-of-a-finder", first).Want(t, http.StatusUnprocessableEntity)
	bind("openid-of-the-administrator", second).Want(t, http.StatusCreated)
	var n int
	if err := w.DB.Gorm(t.Context()).Raw("SELECT COUNT(*) FROM people WHERE name = '管理员'").Scan(&n).Error; err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}
