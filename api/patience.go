package api

import (
	"io"
	"net/http"
	"time"
)

// patience is how long a large body may take, either way: the time-outs of the
// server are for small ones, and a picture on the line of a village takes
// minutes. It may stand still for idle, and take total in all. These are times
// of the machine: they guard its connections.
type patience struct{ idle, total time.Duration }

// next is the deadline of the next piece of what began at start.
func (p patience) next(start time.Time) time.Time {
	now := time.Now()
	return now.Add(min(p.idle, start.Add(p.total).Sub(now)))
}

// reader reads a body piece by piece, each with a deadline of its own.
func (p patience) reader(control *http.ResponseController, body io.ReadCloser) io.ReadCloser {
	return &patientReader{body, p, control, time.Now()}
}

type patientReader struct {
	io.ReadCloser
	patience
	control *http.ResponseController
	start   time.Time
}

// Read implements io.Reader.
func (r *patientReader) Read(b []byte) (int, error) {
	_ = r.control.SetReadDeadline(r.next(r.start)) // a recorder of a test has none
	return r.ReadCloser.Read(b)
}

// write begins the time to write an answer anew.
func (p patience) write(control *http.ResponseController) {
	_ = control.SetWriteDeadline(time.Now().Add(p.total))
}

// writer writes an answer piece by piece, each with a deadline of its own.
func (p patience) writer(w http.ResponseWriter) http.ResponseWriter {
	return &patientWriter{w, p, http.NewResponseController(w), time.Now()}
}

type patientWriter struct {
	http.ResponseWriter
	patience
	control *http.ResponseController
	start   time.Time
}

// Write implements io.Writer.
func (w *patientWriter) Write(b []byte) (int, error) {
	_ = w.control.SetWriteDeadline(w.next(w.start))
	return w.ResponseWriter.Write(b)
}
