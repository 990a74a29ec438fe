// Package fault is the one kind of error that a person may read.
//
// A domain package declares each of its faults once, as a variable beside the
// rule it guards. Every other error is a cause: it is wrapped with what was
// being done, logged once by package api, and shown to nobody.
package fault

import "errors"

// Kind says what went wrong in general. Package api maps it to a status code;
// nothing below api knows statuses.
type Kind int

// The kinds of fault, each with the status that package api gives it.
const (
	Invalid         Kind = iota + 1 // 422: what was handed in breaks a rule
	Malformed                       // 400: the request cannot be read
	Unauthenticated                 // 401: no session, or one that has ended
	Forbidden                       // 403: known, but not granted
	NotFound                        // 404: absent, or not for this person to see
	Conflict                        // 409: somebody was faster, or it is not the time for it
	TooLarge                        // 413: more than the limit
	Limited                         // 429: too often
	Unavailable                     // 503: something that we need does not answer
)

// Field is a fault of one field. Path is the name that the client sent, with
// dots and indexes ("reply.text"); the value itself is never repeated.
type Field struct {
	Path    string
	Message string
}

// Fault is an error with a stable code and a message in plain Chinese.
type Fault struct {
	Kind    Kind
	Code    string // "suggestion.stale"; never changes once released
	Message string // for a member: what happened, what to do now
	Fields  []Field
}

// New declares a fault. Code is "<package>.<word>", Message a full sentence in
// Chinese that is fit for a member.
func New(kind Kind, code, message string) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message}
}

// Error returns the code and the message.
func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// Is reports whether target is the same fault, whatever fields it carries.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// With returns the same fault with details about single fields.
func (f *Fault) With(fields ...Field) *Fault {
	c := *f
	c.Fields = append(append([]Field(nil), f.Fields...), fields...)
	return &c
}

// Saying returns the same fault with another message, for a fault whose words
// depend on data such as a limit or a state.
func (f *Fault) Saying(message string) *Fault {
	c := *f
	c.Message = message
	return &c
}

// As returns the fault inside err, or nil when err is a cause.
func As(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return nil
}
