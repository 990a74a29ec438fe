package matter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Feedback (上级反馈) is a row of the outbox: what an institution has decided of a
// matter that one below has handed up, and what the author of it would be told.
// It is written with the decision, and taken down later, in a transaction of its
// own, so that nothing below can hold up what is done above.
type Feedback struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string // that decided, or passes it on
	MatterID      string // its matter
	Organ         string // who decided, where it was not this institution
	Action        string // of whose table it is: "file"
	Number        string // that the matter has by then
	Label         string // of the line: "登记"; empty: no line that authors read
	Comment       string
	Text          string // what goes with it: the words of an answer
	Event         notify.Event
	Body          string // what was told; empty: nothing
	Status        string // in words, for a push
	ActedAt       time.Time
	Attempts      int
	NextAt        time.Time // when it may be taken down
	CreatedAt     time.Time
}

// TableName names the table.
func (Feedback) TableName() string { return "feedback" }

// feedbackAction is the action of a line that came from above.
const feedbackAction = "feedback"

// source is the matter that an author is the author of in the first place: that
// of the row, or what was merged into it.
func (a Author) source() string {
	if a.ViaMatterID != nil {
		return *a.ViaMatterID
	}
	return a.MatterID
}

// below lists of some authors the institutions that may have handed it up.
func below(authors []Author) []Author {
	return slices.DeleteFunc(slices.Clone(authors), func(a Author) bool {
		return a.Person() != "" || a.BodyKind != InstitutionBody || a.Consent != Given
	})
}

// TellOriginal is TellAuthors for one of several originals, whose answer differs
// from that of the others: text is its words, empty where they are those enclosed.
func (m *Move) TellOriginal(o Original, text string, e notify.Event, title, body string, values map[string]string) {
	m.Tell(o.Matter, o.People(), e, title, body, values)
	if len(below(o.Authors)) > 0 {
		m.toBelow = append(m.toBelow, Feedback{MatterID: o.ID, Event: e, Body: body, Text: text, Status: values["status"]})
	}
}

// Enclose gives words that go along to an institution below, which reads no more
// of the matter than it is told: those of an answer.
func (m *Move) Enclose(text string) { m.enclosed = text }

// tellAll tells all of some authors who agreed to be one: people in their inboxes,
// institutions below by the outbox.
func (m *Move) tellAll(x Matter, authors []Author, e notify.Event, title, body string, values map[string]string) {
	m.Tell(x, agreed(authors), e, title, body, values)
	if len(below(authors)) > 0 {
		m.toBelow = append(m.toBelow, Feedback{Event: e, Body: body, Status: values["status"]})
	}
}

// sendDown writes what institutions below learn of a move: its line, if authors
// read it, and what authors were told, of all originals or of their own.
func (m *Move) sendDown() {
	told, line, text := m.toBelow, m.shown, m.enclosed
	m.toBelow, m.shown = nil, nil
	if line == nil && len(told) == 0 {
		return
	}
	m.enclosed = ""
	for _, a := range below(m.Authors) {
		rows := slices.DeleteFunc(slices.Clone(told), func(f Feedback) bool { return f.MatterID != "" && f.MatterID != a.source() })
		if line != nil {
			if len(rows) == 0 {
				rows = []Feedback{{}}
			}
			rows[0].Label, rows[0].Comment = line.Label, line.Comment
		}
		for _, f := range rows {
			f.Action, f.Text = m.Rule.Action, cmp.Or(f.Text, text)
			m.sendTo(a, m.Matter, f)
		}
	}
}

// sendTo writes what an institution below, an author of a matter, learns of it.
func (m *Move) sendTo(a Author, x Matter, f Feedback) {
	f.ID, f.InstitutionID, f.MatterID, f.ActedAt, f.NextAt, f.CreatedAt = store.NewID(), x.InstitutionID, a.source(), m.At, m.Now, m.Now
	if x.Number != nil {
		f.Number = *x.Number
	}
	m.Tx.Insert(&f)
}

// feedbackAgain is how long a row rests that could not be taken down, for each
// time that it was tried.
const feedbackAgain = time.Minute

// Feedback takes one row of the outbox down to the matter below: a line in its
// timeline, and what is told to its authors; or, where they are an institution
// below that one, a row for the next step. It reports whether there may be more.
// The transaction that writes all of it also deletes the row, so that of any
// number of servers one does it, once; the rows of one matter go in their order.
func (s *Service) Feedback(ctx context.Context) (more bool, err error) {
	const first = `SELECT f.* FROM feedback f WHERE f.next_at <= ? AND NOT EXISTS
		(SELECT 1 FROM feedback e WHERE e.matter_id = f.matter_id AND e.id < f.id) ORDER BY f.id LIMIT 1`
	var rows []Feedback
	if err := s.db.Gorm(ctx).Raw(first, s.now()).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return false, err
	}
	var claimed []Feedback
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = " FOR UPDATE OF f SKIP LOCKED"
		}
		if err := tx.Gorm(ctx).Raw(first+skip, s.now()).Scan(&claimed).Error; err != nil || len(claimed) == 0 {
			return err
		}
		tx.Exec("DELETE FROM feedback WHERE id = ?", claimed[0].ID)
		return s.takeDown(ctx, tx, claimed[0])
	})
	if err == nil || len(claimed) == 0 {
		return err == nil && len(claimed) > 0, err
	}
	// One that cannot be taken down rests, and does not keep others from it.
	f := claimed[0]
	rest := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE feedback SET attempts = attempts + 1, next_at = ? WHERE id = ?", s.now().Add(feedbackAgain*time.Duration(min(f.Attempts+1, 60))), f.ID)
		return nil
	})
	return false, errors.Join(fmt.Errorf("take down feedback %s: %w", f.ID, err), rest)
}

// takeDown writes what a row says below, and lets the kind book it, which may move
// the matter. Where nothing was handed up, since the report came on paper, nobody is
// there to be told.
func (s *Service) takeDown(ctx context.Context, tx *store.Tx, f Feedback) error {
	lower, organ, err := s.handedUpFrom(ctx, tx, f.MatterID)
	if err != nil || lower == nil {
		return err
	}
	if f.Organ == "" {
		f.Organ = organ
	}
	authors, err := Authors(ctx, tx, lower.ID)
	if err != nil {
		return err
	}
	before := lower.Status
	x, err := s.bookBack(ctx, tx, *lower, authors, f)
	if err != nil {
		return err
	}
	now := s.now()
	tx.Insert(&Event{
		ID: store.NewID(), InstitutionID: x.InstitutionID, MatterID: x.ID, Action: feedbackAction, Label: "上级反馈", FromStatus: before, ToStatus: x.Status,
		ActorName: f.Organ, Audience: workflow.Everyone, Comment: f.line(), ActedAt: f.ActedAt, RecordedAt: now,
	})
	for _, a := range below(authors) {
		next := f
		next.ID, next.InstitutionID, next.MatterID, next.Attempts, next.NextAt, next.CreatedAt = store.NewID(), x.InstitutionID, a.source(), 0, now, now
		tx.Insert(&next)
	}
	if people := agreed(authors); f.Body != "" && len(people) > 0 {
		return s.notify.Tell(tx, s.noticeOf(f, x, people))
	}
	return nil
}

// bookBack lets the kind of a matter book what came back of it, and returns the
// matter as it is then. What the office has moved on meanwhile stays there.
func (s *Service) bookBack(ctx context.Context, tx *store.Tx, x Matter, authors []Author, f Feedback) (Matter, error) {
	head := s.heads[x.Kind]
	if head.Upward == nil || head.Upward.Back == nil {
		return x, nil
	}
	m := &Move{Tx: tx, Now: s.now(), By: By{At: f.ActedAt}, System: true, Flow: head.Flow, Matter: x, Authors: authors}
	action, err := head.Upward.Back(ctx, m, f)
	if rule, _ := head.Flow.Rule(action); err != nil || !slices.Contains(rule.From, x.Status) {
		return x, err
	}
	err = s.Settle(ctx, m, action, func(*Move) error { return nil })
	return m.Matter, err
}

// line is what the timeline below says: the line of the institution above, or
// what it told, and the words that go with it.
func (f Feedback) line() string {
	parts := []string{f.Label, f.Comment, f.Text}
	if f.Label == "" {
		parts = []string{f.Body, f.Text}
	}
	var said []string
	for _, p := range parts {
		if p = strings.TrimRight(p, "。"); p != "" {
			said = append(said, p)
		}
	}
	return f.Organ + "：" + strings.Join(said, "。") + "。"
}

// noticeOf is what the authors of a matter are told of a row.
func (s *Service) noticeOf(f Feedback, x Matter, people []string) notify.Notice {
	label := s.heads[x.Kind].Flow.Label
	n := notify.Notice{
		InstitutionID: x.InstitutionID, People: people, Event: f.Event, MatterID: x.ID, Kind: string(x.Kind),
		Title: "您的" + label + "上报后有了新进展", Body: f.Organ + "：" + f.Body,
		Values: s.words(x, map[string]string{"status": f.Status, "unit": f.Organ, "time": moment(f.ActedAt)}),
	}
	if f.Text != "" {
		n.Title, n.Body = "您的"+label+"上报后有了答复", fmt.Sprintf("%s对“%s”答复如下：%s", f.Organ, x.Title, f.Text)
	}
	if f.Event != notify.Reply && f.Event != notify.Progress { // a task above is none here
		n.Event = notify.Decision
	}
	return n
}

// maxOrigins is how often a matter may have been converted since it was handed
// up.
const maxOrigins = 10

// handedUpFrom finds what was handed up and became a matter, or what that was
// converted from; nil where it came in otherwise. Organ is what the institution
// above is called.
func (s *Service) handedUpFrom(ctx context.Context, tx *store.Tx, id string) (lower *Matter, organ string, err error) {
	for range maxOrigins {
		h, err := gorm.G[HandUp](tx.Gorm(ctx)).Where("upper_id = ?", id).Limit(1).Find(ctx)
		if err != nil {
			return nil, "", fmt.Errorf("find what was handed up: %w", err)
		}
		if len(h) > 0 {
			if err := Lock(ctx, tx, h[0].MatterID); err != nil {
				return nil, "", err
			}
			x, err := gorm.G[Matter](tx.Gorm(ctx)).Where("id = ?", h[0].MatterID).First(ctx)
			if err != nil {
				return nil, "", fmt.Errorf("find what was handed up: %w", err)
			}
			return &x, h[0].Organ, nil
		}
		x, err := gorm.G[Matter](tx.Gorm(ctx)).Where("id = ?", id).First(ctx)
		if err != nil {
			return nil, "", fmt.Errorf("find where a matter came from: %w", err)
		}
		if x.OriginID == nil {
			return nil, "", nil
		}
		id = *x.OriginID
	}
	return nil, "", nil
}
