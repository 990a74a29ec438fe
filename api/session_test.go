package api_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"yanlu/config"
	"yanlu/internal/app/apptest"
)

// TestALoginTellsWhatComesNext holds what the client learns: the token, until
// when, and whether to bind.
func TestALoginTellsWhatComesNext(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, func(c *config.Config) { c.Session.Sliding, c.Session.Absolute = 48*time.Hour, 24*time.Hour })
	login := func() (v struct {
		Token     string
		ExpiresAt time.Time `json:"expires_at"`
		Bound     bool
	}) {
		w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/login", Body: map[string]any{"code": w.Sim.LoginCode(w.OpenID(apptest.Author))}}).
			Into(t, http.StatusCreated, &v)
		return v
	}
	first := login()
	if first.Bound || first.ExpiresAt.Sub(w.Clock.Now()).Round(time.Minute) != 24*time.Hour {
		t.Errorf("before binding: %+v", first)
	}
	w.Bind(first.Token, w.OpenID(apptest.Author), w.Phone(apptest.Author)).Want(t, http.StatusCreated)
	if again := login(); !again.Bound {
		t.Errorf("after binding: %+v", again)
	}
}

// TestAStrangerLearnsWhereTheyAre holds what is told without logging in. The name
// is that of the only institution, and here are two; see also
// TestAVisitorOfTheDemoIsLetInAsAnybody.
func TestAStrangerLearnsWhereTheyAre(t *testing.T) {
	t.Parallel()
	var v struct {
		Version, Name string
		Demo          *bool
	}
	apptest.New(t).Get("", "/v1/about").Into(t, http.StatusOK, &v)
	if v.Name != "" || v.Version == "" || v.Demo == nil || *v.Demo {
		t.Errorf("%+v", v)
	}
}

// raw sends a request as it is, past what a client of ours would send.
func raw(w *apptest.World, method, path, contentType string, body io.Reader) apptest.Answer {
	r := httptest.NewRequestWithContext(w.T.Context(), method, path, body)
	r.Header.Set("Authorization", "Bearer "+w.Token(apptest.Author))
	r.Header.Set("Idempotency-Key", uuid.NewString())
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	rec := httptest.NewRecorder()
	w.API.ServeHTTP(rec, r)
	return apptest.Answer{Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
}

// cutBody is a body whose client goes away in the middle of it.
type cutBody struct{ sent bool }

func (b *cutBody) Read(p []byte) (int, error) {
	if b.sent {
		return 0, errors.New("canary: connection reset")
	}
	b.sent = true
	return copy(p, `{"title":"`), nil
}

// TestABodyThatCannotBeReadIsAProblem holds the status and code of each.
func TestABodyThatCannotBeReadIsAProblem(t *testing.T) {
	t.Parallel()
	const jsonType = "application/json"
	w := apptest.New(t, func(c *config.Config) { c.HTTP.MaxBody = 4096 })
	big := `{"title":"` + strings.Repeat("路", 2000) + `"}`
	tests := map[string]struct {
		contentType, body string
		status            int
		code              string
	}{
		"no JSON":                         {jsonType, "title=路灯", http.StatusBadRequest, "request.malformed"},
		"two values":                      {jsonType, `{} {}`, http.StatusBadRequest, "request.malformed"},
		"half a value":                    {jsonType, `{"title":"`, http.StatusBadRequest, "request.malformed"},
		"a form":                          {"application/x-www-form-urlencoded", "title=x", http.StatusUnsupportedMediaType, "request.media_type"},
		"JSON that is called text":        {"text/plain", `{}`, http.StatusUnsupportedMediaType, "request.media_type"},
		"no content type":                 {"", `{}`, http.StatusUnsupportedMediaType, "request.media_type"},
		"a content type that is none":     {";;", `{}`, http.StatusUnsupportedMediaType, "request.media_type"},
		"too large":                       {jsonType, big, http.StatusRequestEntityTooLarge, "request.too_large"},
		"a control character":             {jsonType, `{"title":"a\u0000b"}`, http.StatusUnprocessableEntity, "request.characters"},
		"a field that is not known":       {jsonType, `{"title":"修复人民路路灯","titel":"x"}`, http.StatusUnprocessableEntity, "request.invalid"},
		"nothing":                         {jsonType, ``, http.StatusBadRequest, "request.malformed"},
		"JSON with a charset passes here": {"application/json; charset=utf-8", `{}`, http.StatusUnprocessableEntity, "request.invalid"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := raw(w, http.MethodPost, "/v1/suggestions", test.contentType, strings.NewReader(test.body))
			if p := problemIn(t, a); a.Status != test.status || p.Code != test.code {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	t.Run("a line that is cut", func(t *testing.T) {
		a := raw(w, http.MethodPost, "/v1/suggestions", jsonType, &cutBody{})
		if p := problemIn(t, a); p.Code != "request.timeout" || bytes.Contains(a.Body, []byte("canary")) {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("a wish for another form", func(t *testing.T) {
		a := w.Send(apptest.Call{
			Method: http.MethodGet, Path: "/v1/me", Token: w.Token(apptest.Author), Header: http.Header{"Accept": {"text/html"}},
		})
		if a.Status != http.StatusOK && a.Code() != "request.not_acceptable" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}

// TestReadingTakesNoBody holds that what a client sends along with a GET does
// not lead out of the document.
func TestReadingTakesNoBody(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, body := range []string{"x", "{}", `{"a":"\u0000"}`, "{"} {
		for _, contentType := range []string{"text/plain", "application/json"} {
			w.Send(apptest.Call{
				Method: http.MethodGet, Path: "/v1/me", Token: w.Token(apptest.Author), Body: []byte(body), Header: http.Header{"Content-Type": {contentType}},
			})
		}
	}
}

// TestAnIdentifierHasOneForm holds that other spellings of a UUID are refused or
// find nothing, alike on both databases, and never fail.
func TestAnIdentifierHasOneForm(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	id := w.Person(apptest.Author).ID
	for name, spelt := range map[string]string{
		"a URN": "urn:uuid:" + id, "in braces": "%7B" + id + "%7D", "without dashes": strings.ReplaceAll(id, "-", ""), "in capitals": strings.ToUpper(id),
		"with a space": id + "%20", "with a zero": id + "%00", "with something after it": id + "x",
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []apptest.Call{
				{Method: http.MethodGet, Path: "/v1/people/" + spelt},
				{Method: http.MethodPost, Path: "/v1/people/" + spelt + "/suspend"},
				{Method: http.MethodGet, Path: "/v1/people?after=" + spelt},
				{Method: http.MethodGet, Path: "/v1/suggestions/" + spelt},
				{Method: http.MethodPost, Path: "/v1/bindings/" + spelt + "/choose"},
				{Method: http.MethodPost, Path: "/v1/sessions/" + spelt + "/end"},
			} {
				c.Token = w.Token(apptest.Admin)
				a := w.Send(c)
				if a.Status < 400 || a.Status >= 500 {
					t.Errorf("%s %s: %d %s", c.Method, c.Path, a.Status, a.Body)
				}
			}
		})
	}
}

// TestAnIdentifierInABodyHasOneForm holds the same of what is referred to.
func TestAnIdentifierInABodyHasOneForm(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	s = act(w, apptest.Staff, "/v1/suggestions/"+s.ID+"/accept", map[string]any{"version": s.Version, "route": "DIRECT_UNIT"})
	for _, spelt := range []string{"urn:uuid:" + w.Units[0].ID, "{" + w.Units[0].ID + "}", strings.ReplaceAll(w.Units[0].ID, "-", "")} {
		for _, body := range []map[string]any{
			{"version": s.Version, "lead_unit_id": spelt},
			{"version": s.Version, "lead_unit_id": w.Units[1].ID, "co_unit_ids": []string{spelt}},
		} {
			if a := w.Post(apptest.Staff, "/v1/suggestions/"+s.ID+"/dispatch", body); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", spelt, a.Status, a.Body)
			}
		}
	}
}

// TestAHeaderThatIsNoTextIsRefused holds that bytes that a database does not
// take as text do not become a failure of ours.
func TestAHeaderThatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, key := range []string{"\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc", "key-\xc3-key", "12345678\x00", "编号编号编号编号"} {
		a := w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/logout", Token: w.LoginAs("somebody"), Key: key})
		if a.Status >= 500 {
			t.Errorf("key %q: %d %s", key, a.Status, a.Body)
		}
	}
	for _, token := range []string{"\xff", "令牌", "\x00"} {
		w.Send(apptest.Call{Method: http.MethodGet, Path: "/v1/me", Token: token}).Want(t, http.StatusUnauthorized)
	}
}
