package apptest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"yanlu/internal/member"
)

// Answer is what the API answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Call is a request to the API.
type Call struct {
	Method, Path string
	Body         any    // nil: none; []byte: as it is
	Key          string // Idempotency-Key; "-" for none; empty: a new one
	Token        string
	Header       http.Header
}

// Send sends a call and checks the answer against the document.
func (w *World) Send(c Call) Answer {
	w.T.Helper()
	var body bytes.Buffer
	switch b := c.Body.(type) {
	case nil:
	case []byte:
		body.Write(b)
	default:
		if err := json.NewEncoder(&body).Encode(b); err != nil {
			w.T.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(w.T.Context(), c.Method, c.Path, &body)
	if body.Len() > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.Header {
		r.Header[k] = v
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Method != http.MethodGet && c.Key != "-" {
		if c.Key == "" {
			c.Key = uuid.NewString()
		}
		r.Header.Set("Idempotency-Key", c.Key)
	}
	rec := httptest.NewRecorder()
	w.API.ServeHTTP(rec, r)
	a := Answer{rec.Code, rec.Header(), rec.Body.Bytes()}
	w.contract.check(w.T, r, a)
	return a
}

// Login returns a token of a person's telephone, without binding it.
func (w *World) Login(name string) string {
	w.T.Helper()
	return w.LoginAs(w.OpenID(name))
}

// LoginAs returns a token of an openid.
func (w *World) LoginAs(openID string) string {
	w.T.Helper()
	var session struct{ Token string }
	w.Send(Call{Method: http.MethodPost, Path: "/v1/login", Body: map[string]any{"code": w.Sim.LoginCode(openID)}}).Into(w.T, http.StatusCreated, &session)
	return session.Token
}

// Bind binds whoever holds a token by a person's phone number.
func (w *World) Bind(token, openID, phone string) Answer {
	w.T.Helper()
	return w.Send(Call{Method: http.MethodPost, Path: "/v1/bindings/phone", Token: token, Body: map[string]any{"code": w.Sim.PhoneCode(openID, phone)}})
}

// Enrol lets a test act as somebody whom it brought into the roster itself, by the
// number under which they stand there; empty where none is known.
func (w *World) Enrol(p member.Person, phone string) {
	w.people[p.Name], w.phones[p.Name] = p, phone
}

// Token returns a token of a person who is bound; the person logs in the first
// time that the test asks.
func (w *World) Token(name string) string {
	w.T.Helper()
	if name == "" {
		return ""
	}
	if t, ok := w.tokens[name]; ok {
		return t
	}
	token := w.Login(name)
	w.Bind(token, w.OpenID(name), w.phones[name]).Want(w.T, http.StatusCreated)
	w.tokens[name] = token
	return token
}

// LoginAgain lets everybody who has come log in anew: a session that was not used for
// weeks is over.
func (w *World) LoginAgain() {
	w.T.Helper()
	for name := range w.tokens {
		w.tokens[name] = w.Login(name)
	}
}

// Get asks as a person; nobody where the name is empty.
func (w *World) Get(name, path string) Answer {
	w.T.Helper()
	return w.Send(Call{Method: http.MethodGet, Path: path, Token: w.Token(name)})
}

// Post acts as a person.
func (w *World) Post(name, path string, body any) Answer {
	w.T.Helper()
	return w.Send(Call{Method: http.MethodPost, Path: path, Token: w.Token(name), Body: body})
}

// Want fails the test unless the answer has a status.
func (a Answer) Want(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into fails the test unless the answer has a status, and reads its body.
func (a Answer) Into(t testing.TB, status int, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Want(t, status).Body, v); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
}

// Code returns the code of a problem, empty where the answer is none.
func (a Answer) Code() string {
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		return ""
	}
	var p struct{ Code string }
	_ = json.Unmarshal(a.Body, &p)
	return p.Code
}
