package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxBody is the most that is read of a request.
const maxBody = 1 << 20

// Config is the mini-program that the platform knows.
type Config struct {
	// AppID and Secret are what callers must show. They default to "wxsimulator"
	// and "simulated-secret".
	AppID, Secret string
	// Pages are the pages of the mini-program that a message may open, without
	// parameters. With none, every page is good.
	Pages []string
}

// Simulator is the platform. It is an http.Handler and safe for concurrent use.
type Simulator struct {
	appID, secret string
	pages         map[string]bool
	routes        map[string]handler

	server *http.Server
	url    string
	pusher *http.Client
	pushes sync.WaitGroup

	mu         sync.Mutex
	turned     time.Duration
	users      map[string]*user
	loginCodes map[string]*loginCode
	phoneCodes map[string]*phoneCode
	token      string
	tokens     map[string]*tokenLife
	templates  map[string][]string
	grants     map[grantKey]int
	keywords   []keyword
	faults     map[string][]*Fault
	journal    []Call
	sent       []Sent
	callback   *Callback

	checked      []Checked
	pictures     []keyword
	holdMedia    bool
	waitingMedia []Event
}

// New returns a platform that is not listening: serve it yourself, or use Start.
func New(cfg Config) *Simulator {
	s := &Simulator{
		appID:      cmp.Or(cfg.AppID, "wxsimulator"),
		secret:     cmp.Or(cfg.Secret, "simulated-secret"),
		pages:      map[string]bool{},
		pusher:     newPusher(),
		users:      map[string]*user{},
		loginCodes: map[string]*loginCode{},
		phoneCodes: map[string]*phoneCode{},
		tokens:     map[string]*tokenLife{},
		templates:  map[string][]string{},
		grants:     map[grantKey]int{},
		faults:     map[string][]*Fault{},
	}
	for _, page := range cfg.Pages {
		s.pages[pageName(page)] = true
	}
	s.routes = map[string]handler{
		PathToken: s.stableToken,
		PathLogin: s.codeToSession,
		PathPhone: s.phoneNumber,
		PathSend:  s.send,
		PathCheck: s.checkText,
		PathMedia: s.checkMedia,
		PathCode:  s.code,
	}
	return s
}

// Start returns a platform that listens on a free port of 127.0.0.1. Close ends
// it.
func Start(cfg Config) (*Simulator, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	s := New(cfg)
	s.url = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// URL returns where the platform listens, "" if it was not started.
func (s *Simulator) URL() string { return s.url }

// AppID returns the mini-program's id.
func (s *Simulator) AppID() string { return s.appID }

// Secret returns the mini-program's secret.
func (s *Simulator) Secret() string { return s.secret }

// Close stops listening, cuts what is open and waits for pushes under way.
func (s *Simulator) Close() error {
	var err error
	if s.server != nil {
		err = s.server.Close()
	}
	s.pushes.Wait()
	s.pusher.CloseIdleConnections()
	return err
}

// Now returns the platform's time.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// now is Now under the lock.
func (s *Simulator) now() time.Time { return time.Now().Add(s.turned) }

// Advance turns the platform's clock forward, or back when d is negative.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turned += d
}

// request is what a handler reads.
type request struct {
	method string
	query  url.Values
	body   []byte
}

// answer is the JSON that a handler gives.
type answer map[string]any

// handler answers one call under the lock, and adds to the journal's entry.
type handler func(request, *Call) answer

// ServeHTTP answers a call of the platform's API.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLoopback(r.Host) {
		http.Error(w, "this is a simulator on loopback", http.StatusMisdirectedRequest)
		return
	}
	path := strings.Trim(r.URL.Path, "/")
	handle, ok := s.routes[path]
	if !ok {
		s.note(Call{Path: path, Status: http.StatusNotFound})
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.note(Call{Path: path, Status: http.StatusRequestEntityTooLarge})
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	fault := s.takeFault(path)
	late := fault != nil && fault.AfterEffect
	if !late && !fault.wait(r.Context()) {
		s.note(Call{Path: path, Fault: "left during the delay"})
		return
	}
	call := Call{Path: path, Status: http.StatusOK}
	if fault != nil && fault.strikes() && !late {
		fault.strike(s, w, call)
		return
	}
	s.mu.Lock()
	reply := handle(request{method: r.Method, query: r.URL.Query(), body: body}, &call)
	s.mu.Unlock()
	if code, ok := reply["errcode"].(int); ok {
		call.Code = code
	}
	if late && !fault.wait(r.Context()) {
		call.Fault = "left during the delay"
		s.note(call)
		return
	}
	if late && fault.strikes() {
		fault.strike(s, w, call)
		return
	}
	s.note(call)
	writeJSON(w, reply)
}

func writeJSON(w http.ResponseWriter, reply answer) {
	if raw, ok := reply[rawPicture].([]byte); ok {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(raw)
		return
	}
	w.Header().Set("Content-Type", "application/json; encoding=utf-8")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(reply)
}

// failure is the platform's answer to a call that it refuses.
func failure(code int, message string) answer {
	return answer{"errcode": code, "errmsg": message + " rid: " + rid()}
}

// success is the answer of the calls that report it.
func success() answer { return answer{"errcode": 0, "errmsg": "ok"} }

// decode reads a JSON request body.
func (r request) decode(into any) error {
	if r.method != http.MethodPost {
		return errors.New("not a POST")
	}
	return json.Unmarshal(r.body, into)
}

// isLoopback reports whether a host, with a port or without, is this machine.
func isLoopback(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
