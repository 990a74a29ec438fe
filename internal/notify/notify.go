// Package notify tells people what happened: a row in their inbox, always, and
// a push message of WeChat beside it where they allowed one.
//
// Both rows are written in the transaction of the event; nothing is sent inside
// it. The dispatcher sends afterwards.
package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// ErrNotFound is the fault of a message that is not in the asker's inbox.
var ErrNotFound = fault.New(fault.NotFound, "notify.not_found", "没有找到这条消息。")

// Message is a row of an inbox.
type Message struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string
	Event         Event
	MatterID      string
	Kind          string // of the matter, for the client's link
	Title         string // at most 100 characters
	Body          string // at most 500 characters
	CreatedAt     time.Time
	ReadAt        *time.Time
}

// TableName names the table.
func (Message) TableName() string { return "inbox" }

// Status is where a push stands.
type Status string

// The states of a push. All but Held and Queued are final; staff may queue one
// again that was not sent.
const (
	Held       Status = "HELD" // of Progress: until the digest
	Queued     Status = "QUEUED"
	Sent       Status = "SENT"
	Seen       Status = "READ"        // the message was read before the push went out
	Merged     Status = "MERGED"      // another push of the digest told it
	NoGrant    Status = "NO_GRANT"    // no consent left, or it was refused (43101)
	NotBound   Status = "NOT_BOUND"   // nobody's telephone
	NoTemplate Status = "NO_TEMPLATE" // none is configured for the event
	Failed     Status = "FAILED"      // ours to mend, or tried too often
)

// Push is one message to send by WeChat.
type Push struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string
	InboxID       string
	Event         Event
	ValuesJSON    string // the words that templates choose from
	Status        Status
	OpenID        string // whose grant was spent; empty until then
	TemplateID    string // for which template
	Attempts      int
	ErrorCode     int
	NextAt        time.Time // when it may be tried; while it is tried, the end of the lease
	CreatedAt     time.Time
	DoneAt        *time.Time
}

// Notice is what to tell, in the words of the domain.
type Notice struct {
	InstitutionID string
	People        []string
	Event         Event
	MatterID      string
	Kind          string
	Title, Body   string
	// Values are the words that the push template may use (see Words). What is
	// left out is completed: the title by that of the notice, the times by now,
	// the rest by 详见小程序. Due is for Task and Reminder alone, which must have it.
	// Times are written 2006-01-02 15:04, in Beijing's time.
	Values map[string]string
}

// Service writes and reads inboxes and keeps the ledger of grants.
type Service struct {
	db        *store.DB
	templates map[Event]Template
	now       func() time.Time
}

// Template maps an event to a template of the platform.
type Template struct {
	ID     string
	Page   string            // with {kind} and {id}, which stand for the matter
	Fields map[string]string // the platform's field → our value
}

// New returns the service. An event without a template is told by the inbox
// alone, and by staff where it must not be missed.
func New(db *store.DB, templates map[Event]Template, now func() time.Time) *Service {
	return &Service{db: db, templates: templates, now: now}
}

// Tell queues a row in each person's inbox, and a push beside it where the event
// has a template, or where somebody else must tell those whom no push reaches.
// It reads nothing: when the push may go is for the dispatcher to find out.
func (s *Service) Tell(tx *store.Tx, n Notice) error {
	now := s.now()
	words, err := json.Marshal(n.complete(now))
	if err != nil {
		return fmt.Errorf("tell %s: %w", n.Event, err)
	}
	_, pushed := s.templates[n.Event]
	status := Queued
	if n.Event == Progress {
		status = Held
	}
	for _, person := range n.People {
		m := Message{
			ID: store.NewID(), InstitutionID: n.InstitutionID, PersonID: person, Event: n.Event, MatterID: n.MatterID,
			Kind: n.Kind, Title: cut(n.Title, 100), Body: cut(n.Body, 500), CreatedAt: now,
		}
		tx.Insert(&m)
		if pushed || n.Event.matters() {
			tx.Insert(&Push{
				ID: store.NewID(), InstitutionID: n.InstitutionID, PersonID: person, InboxID: m.ID, Event: n.Event,
				ValuesJSON: string(words), Status: status, NextAt: now, CreatedAt: now,
			})
		}
	}
	return nil
}

// cut shortens a text to n characters, the last one an ellipsis. What a database
// refuses in a text goes: telling must not undo the act.
func cut(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
