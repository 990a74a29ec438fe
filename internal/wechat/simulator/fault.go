package simulator

import (
	"context"
	"net/http"
	"time"
)

// Fault is how the next calls of a path go wrong. Of Cut, Status and Code the
// first that is set strikes; with none of them the call is only delayed.
type Fault struct {
	// Times is how many calls it strikes; zero means one.
	Times int
	// Delay holds the call up, in real time.
	Delay time.Duration
	// Cut breaks the connection instead of answering.
	Cut bool
	// Status answers with an HTTP status and a page of HTML.
	Status int
	// Code and Message answer with a platform error. Message may be empty.
	Code    int
	Message string
	// AfterEffect lets the call take effect first: a code is used up, a message
	// sent, a verdict pushed, and only the answer is late or lost.
	AfterEffect bool
}

// Fault makes the next calls of a path fail. Faults of one path strike in the
// order in which they were given; one that is used up goes.
func (s *Simulator) Fault(path string, f Fault) {
	f.Times = max(f.Times, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[path] = append(s.faults[path], &f)
}

// ClearFaults takes back what has not struck yet.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

func (s *Simulator) takeFault(path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.faults[path]
	if len(queue) == 0 {
		return nil
	}
	taken := *queue[0]
	if queue[0].Times--; queue[0].Times == 0 {
		s.faults[path] = queue[1:]
	}
	return &taken
}

// wait holds a call up; it reports whether the caller is still there.
func (f *Fault) wait(ctx context.Context) bool {
	if f == nil || f.Delay <= 0 {
		return true
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *Fault) strikes() bool { return f.Cut || f.Status != 0 || f.Code != 0 }

// strike answers wrongly, and notes it.
func (f *Fault) strike(s *Simulator, w http.ResponseWriter, call Call) {
	switch {
	case f.Cut:
		call.Status, call.Fault = 0, "cut"
		s.note(call)
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		call.Status, call.Fault = f.Status, "status"
		s.note(call)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte("<html><body>" + http.StatusText(f.Status) + "</body></html>"))
	default:
		call.Code, call.Fault = f.Code, "code"
		s.note(call)
		message := f.Message
		if message == "" {
			message = "simulated fault"
		}
		writeJSON(w, failure(f.Code, message))
	}
}
