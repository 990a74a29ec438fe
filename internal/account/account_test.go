package account_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yanlu/config"
	"yanlu/internal/account"
	"yanlu/internal/app/apptest"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// me is what GET /v1/me answers, as far as tests look.
type me struct {
	Bound, Suspended bool
	Identity         *struct {
		PersonID      string `json:"person_id"`
		InstitutionID string `json:"institution_id"`
		Name          string
		Roles         []struct{ Role string }
	}
	Bindings []binding
}

type binding struct {
	ID, Name, Institution, Proof string
	Current                      bool
}

// roles returns the roles of the identity that is worn.
func (m me) roles() []string {
	var roles []string
	if m.Identity != nil {
		for _, r := range m.Identity.Roles {
			roles = append(roles, r.Role)
		}
	}
	return roles
}

// at returns the binding at an institution.
func (m me) at(t *testing.T, institution string) binding {
	t.Helper()
	for _, b := range m.Bindings {
		if b.Institution == institution {
			return b
		}
	}
	t.Fatalf("no binding at %s: %+v", institution, m.Bindings)
	return binding{}
}

func meOf(w *apptest.World, token string) me {
	w.T.Helper()
	var m me
	get(w, token, "/v1/me").Into(w.T, http.StatusOK, &m)
	return m
}

func get(w *apptest.World, token, path string) apptest.Answer {
	w.T.Helper()
	return w.Send(apptest.Call{Method: http.MethodGet, Path: path, Token: token})
}

func post(w *apptest.World, token, path string, body any) apptest.Answer {
	w.T.Helper()
	return w.Send(apptest.Call{Method: http.MethodPost, Path: path, Token: token, Body: body})
}

func login(w *apptest.World, code string) apptest.Answer {
	w.T.Helper()
	return post(w, "", "/v1/login", map[string]any{"code": code})
}

// from logs in with a code from an address.
func from(w *apptest.World, address, forwarded, code string) int {
	w.T.Helper()
	raw, err := json.Marshal(map[string]any{"code": code})
	if err != nil {
		w.T.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.T.Context(), http.MethodPost, "/v1/login", bytes.NewReader(raw))
	r.RemoteAddr = address
	r.Header.Set("Content-Type", "application/json")
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	rec := httptest.NewRecorder()
	w.API.ServeHTTP(rec, r)
	return rec.Code
}

func bindByCode(w *apptest.World, token, code string) apptest.Answer {
	w.T.Helper()
	return post(w, token, "/v1/bindings/invitation", map[string]any{"code": code})
}

// invite issues an invitation as a person and returns its code.
func invite(w *apptest.World, by, personID string) string {
	w.T.Helper()
	var v struct{ Code string }
	w.Post(by, "/v1/people/"+personID+"/invite", nil).Into(w.T, http.StatusOK, &v)
	return v.Code
}

// hire adds a row to a roster, with one role.
func hire(w *apptest.World, institutionID, name, phone string, role member.Role) member.Person {
	w.T.Helper()
	var p member.Person
	w.Write(func(tx *store.Tx) error {
		var err error
		now := w.Clock.Now()
		p, err = w.People.Add(tx, now, member.NewPerson{InstitutionID: institutionID, Name: name, Phone: phone})
		member.Appoint(tx, now, p, role, "")
		return err
	})
	return p
}

// number returns one number that a query counts.
func number(w *apptest.World, query string, args ...any) int {
	w.T.Helper()
	var n int
	if err := w.DB.Gorm(w.T.Context()).Raw(query, args...).Scan(&n).Error; err != nil {
		w.T.Fatal(err)
	}
	return n
}

func wantCode(t *testing.T, a apptest.Answer, status int, code string) {
	t.Helper()
	if a.Want(t, status).Code() != code {
		t.Errorf("code %q, want %q", a.Code(), code)
	}
}

// sameProblem holds that answers do not differ but in the request's identifier.
func sameProblem(t *testing.T, answers map[string]apptest.Answer) {
	t.Helper()
	first, firstBody := "", ""
	for name, a := range answers {
		var id struct {
			RequestID string `json:"request_id"`
		}
		a.Into(t, http.StatusUnprocessableEntity, &id)
		if id.RequestID == "" || id.RequestID != a.Header.Get("X-Request-Id") {
			t.Errorf("%s: request_id %q, header %q", name, id.RequestID, a.Header.Get("X-Request-Id"))
		}
		body := string(bytes.ReplaceAll(a.Body, []byte(id.RequestID), nil))
		if a.Code() != account.ErrNoMatch.Code {
			t.Errorf("%s: code %s", name, a.Code())
		}
		if first == "" {
			first, firstBody = name, body
		} else if diff := cmp.Diff(firstBody, body); diff != "" {
			t.Errorf("%s and %s can be told apart:\n%s", first, name, diff)
		}
	}
}

func sessionsOf(sliding, absolute time.Duration) apptest.Option {
	return func(c *config.Config) { c.Session.Sliding, c.Session.Absolute = sliding, absolute }
}

func limitsOf(login, binding int) apptest.Option {
	return func(c *config.Config) { c.Limits.LoginPerHour, c.Limits.BindingPerHour = login, binding }
}

func withoutRedis(c *config.Config) { c.Redis.URL = config.NewURL("redis://127.0.0.1:1/0") }
