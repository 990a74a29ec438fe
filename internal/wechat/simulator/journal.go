package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Call is an entry of the journal: a call that was answered, or a try of a push.
// It holds no secret: no token, code, session key or AppSecret, and no text that
// was checked.
type Call struct {
	At   time.Time
	Path string // of a push: "push/" and the event's type
	// Status is the HTTP status of the answer, zero when there was none; Code is
	// the errcode.
	Status, Code int
	// Fault is what a Fault did to the call, or why a push failed.
	Fault string
	// OpenID, TemplateID and Fields belong to messages, and OpenID to pushes.
	OpenID, TemplateID string
	Fields             map[string]string
}

// Sent is a message that reached a user.
type Sent struct {
	At                              time.Time
	OpenID, TemplateID, Page, State string
	Fields                          map[string]string
	MsgID                           string
}

// Journal returns every call in the order of the answers.
func (s *Simulator) Journal() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := slices.Clone(s.journal)
	for i := range calls {
		calls[i].Fields = maps.Clone(calls[i].Fields)
	}
	return calls
}

// Calls returns how many calls of a path there were.
func (s *Simulator) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, call := range s.journal {
		if call.Path == path {
			n++
		}
	}
	return n
}

// Sent returns every message that reached a user, the oldest first.
func (s *Simulator) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := slices.Clone(s.sent)
	for i := range sent {
		sent[i].Fields = maps.Clone(sent[i].Fields)
	}
	return sent
}

func (s *Simulator) note(call Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.At = s.now()
	s.journal = append(s.journal, call)
}

// rid returns a request id in the platform's form.
func rid() string {
	h := hexadecimal(12)
	return h[:8] + "-" + h[8:16] + "-" + h[16:]
}

// hexadecimal returns n random bytes as text.
func hexadecimal(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}
