package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"yanlu/api"
	"yanlu/internal/app/apptest"
)

// pageOf builds the API of a world with another page.
func pageOf(w *apptest.World, files fstest.MapFS) (http.Handler, error) {
	return api.New(api.Parts{
		DB: w.DB, Accounts: w.Accounts, Matters: w.Matters, Handling: w.Handling, Notify: w.Notify, Phrases: w.Phrases, Checks: w.Checks, Files: w.Files, Page: files,
		Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler),
	}, api.Options{MaxBody: 1 << 20})
}

func zipped(s string) *fstest.MapFile {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return &fstest.MapFile{Data: b.Bytes()}
}

func stored(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

const index, script = "<!doctype html><title>言路</title>", "console.log('言路')"

func builtPage() fstest.MapFS {
	return fstest.MapFS{
		"index.html.gz": zipped(index), "index.html.br": stored("brotli of index"),
		"assets/index-BtKd3pdH.js.gz": zipped(script), "assets/index-BtKd3pdH.js.br": stored("brotli of script"),
		"assets/uni.7ba1c02f.css.gz": zipped("a{}"), "assets/uni.7ba1c02f.css.br": stored("brotli of style"),
		"assets/_plugin-vue-DlAUqK2U.js.gz": zipped("export{}"), "assets/_plugin-vue-DlAUqK2U.js.br": stored("brotli of helper"),
		"static/icon.svg.gz": zipped("<svg/>"), "static/icon.svg.br": stored("brotli of icon"),
		"static/road.png": stored("\x89PNG"), "assets/sari-C0ffee42.woff2": stored("wOF2"), "static/words.json.gz": zipped("{}"), "static/words.json.br": stored("brotli of words"),
	}
}

func browse(t *testing.T, h http.Handler, method, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	for name, values := range header {
		r.Header[name] = values
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	resp := rec.Result()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// TestThePageIsServedAsABrowserTakesIt holds coding, content type, how long it is
// kept, and what the page may load.
func TestThePageIsServedAsABrowserTakesIt(t *testing.T) {
	t.Parallel()
	h, err := pageOf(apptest.New(t), builtPage())
	if err != nil {
		t.Fatal(err)
	}
	const forever, asked = "public, max-age=31536000, immutable", "no-cache"
	for _, test := range []struct{ path, accept, coding, body, contentType, caching string }{
		{"/", "gzip, deflate, br, zstd", "br", "brotli of index", "text/html; charset=utf-8", asked},
		{"/", "br;q=0, gzip;q=0.5", "gzip", string(zipped(index).Data), "text/html; charset=utf-8", asked},
		{"/", "", "", index, "text/html; charset=utf-8", asked},
		{"/", "identity", "", index, "text/html; charset=utf-8", asked},
		{"/", "*", "br", "brotli of index", "text/html; charset=utf-8", asked},
		{"/", "gzip;q=0, *;q=0.1", "br", "brotli of index", "text/html; charset=utf-8", asked},
		{"/", "*;q=0", "", index, "text/html; charset=utf-8", asked},
		{"/?ticket=1", "br", "br", "brotli of index", "text/html; charset=utf-8", asked},
		{"/index.html", "br", "br", "brotli of index", "text/html; charset=utf-8", asked},
		{"/assets/index-BtKd3pdH.js", "BR", "br", "brotli of script", "text/javascript; charset=utf-8", forever},
		{"/assets/index-BtKd3pdH.js", "", "", script, "text/javascript; charset=utf-8", forever},
		{"/assets/uni.7ba1c02f.css", "br", "br", "brotli of style", "text/css; charset=utf-8", forever},
		{"/assets/_plugin-vue-DlAUqK2U.js", "br", "br", "brotli of helper", "text/javascript; charset=utf-8", forever},
		{"/assets/sari-C0ffee42.woff2", "br", "", "wOF2", "font/woff2", forever},
		{"/static/icon.svg", "br", "br", "brotli of icon", "image/svg+xml", asked},
		{"/static/road.png", "br, gzip", "", "\x89PNG", "image/png", asked},
		{"/static/words.json", "br", "br", "brotli of words", "application/json", asked},
	} {
		accept := http.Header{"Accept-Encoding": {test.accept}}
		resp, body := browse(t, h, http.MethodGet, test.path, accept)
		if resp.StatusCode != http.StatusOK || body != test.body || resp.Header.Get("Content-Encoding") != test.coding {
			t.Errorf("%s for %q: %d %q %q", test.path, test.accept, resp.StatusCode, resp.Header.Get("Content-Encoding"), body)
		}
		if got := resp.Header.Get("Content-Type"); got != test.contentType || resp.Header.Get("Cache-Control") != test.caching || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", test.path, resp.Header)
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if strings.HasPrefix(test.contentType, "text/html") && (!strings.Contains(policy, "default-src 'self'; script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'")) {
			t.Errorf("%s has the policy %q", test.path, policy)
		}
		binary := strings.HasSuffix(test.path, ".png") || strings.HasSuffix(test.path, ".woff2")
		if varies := resp.Header.Get("Vary") == "Accept-Encoding"; varies == binary {
			t.Errorf("%s varies: %t", test.path, varies)
		}
	}
}

// TestAPageThatIsKnownIsNotSentAgain holds it by the tag of each coding, and that
// HEAD says what GET would without it.
func TestAPageThatIsKnownIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h, err := pageOf(apptest.New(t), builtPage())
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]bool{}
	for _, accept := range []string{"br", "gzip", ""} {
		header := http.Header{"Accept-Encoding": {accept}}
		first, _ := browse(t, h, http.MethodGet, "/", header)
		tag := first.Header.Get("ETag")
		if tags[tag] || !strings.HasPrefix(tag, `"`) {
			t.Errorf("the tag %s of %q is that of another coding", tag, accept)
		}
		tags[tag] = true
		head, body := browse(t, h, http.MethodHead, "/", header)
		if head.StatusCode != http.StatusOK || body != "" || head.Header.Get("ETag") != tag || head.Header.Get("Content-Length") != first.Header.Get("Content-Length") {
			t.Errorf("HEAD for %q: %d %q %v", accept, head.StatusCode, body, head.Header)
		}
		for known, status := range map[string]int{tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
			header.Set("If-None-Match", known)
			again, body := browse(t, h, http.MethodGet, "/", header)
			if again.StatusCode != status || (status == http.StatusNotModified) != (body == "") || again.Header.Get("ETag") != tag || again.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%q with the tag %s: %d %v", accept, known, again.StatusCode, again.Header)
			}
		}
	}
	changed := builtPage()
	changed["index.html.br"] = stored("brotli of another index")
	other, err := pageOf(apptest.New(t), changed)
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := browse(t, other, http.MethodGet, "/", http.Header{"Accept-Encoding": {"br"}}); tags[resp.Header.Get("ETag")] {
		t.Error("another content has the same tag")
	}
}

// TestThePageHidesNothingElse holds that what is not there is a problem as ever,
// beside the page and in the API.
func TestThePageHidesNothingElse(t *testing.T) {
	t.Parallel()
	h, err := pageOf(apptest.New(t), builtPage())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/assets/index-00000000.js", 404, "request.no_route"},
		{"GET", "/index.html.gz", 404, "request.no_route"},
		{"GET", "/assets/", 404, "request.no_route"},
		{"GET", "/assets/../index.html", 404, "request.no_route"},
		{"GET", "/%2e%2e/go.mod", 404, "request.no_route"},
		{"GET", "/v1/nothing", 404, "request.no_route"},
		{"GET", "/v1/me", 401, "account.no_session"},
		{"POST", "/", 405, "request.no_method"},
	} {
		resp, body := browse(t, h, test.method, test.path, nil)
		a := apptest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: []byte(body)}
		if a.Status != test.status || a.Code() != test.code {
			t.Errorf("%s %s: %d %s", test.method, test.path, a.Status, body)
		}
	}
}

// TestAPageThatIsNotWholeIsNotServed holds that a build that went wrong is found
// when the program starts.
func TestAPageThatIsNotWholeIsNotServed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for name, files := range map[string]fstest.MapFS{
		"nothing":               {},
		"no index":              {"static/road.png": stored("\x89PNG")},
		"only brotli":           {"index.html.br": stored("x")},
		"a broken gzip":         {"index.html.gz": stored("x")},
		"a cut gzip":            {"index.html.gz": {Data: zipped(index).Data[:30]}},
		"what nobody knows":     {"index.html.gz": zipped(index), "notes.txt": stored("x")},
		"a name that is a rule": {"index.html.gz": zipped(index), "static/:id.png": stored("x")},
	} {
		if _, err := pageOf(w, files); err == nil {
			t.Errorf("%s is served", name)
		}
	}
	resp, body := browse(t, w.API, http.MethodGet, "/", nil) // the one inside the program
	if resp.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(body), "<!doctype html>") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
