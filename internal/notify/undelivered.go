package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"yanlu/internal/account"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// The faults of the list 未送达.
var (
	ErrNotWaiting = fault.New(fault.NotFound, "notify.not_waiting", "这条消息已不在未送达名单中：可能本人刚刚看过，或已有同事电话告知。")
	ErrUnbound    = fault.New(fault.Conflict, "notify.unbound", "对方还没有绑定微信，无法再次推送。请电话告知，或先发邀请码请对方绑定。")
	ErrNoTemplate = fault.New(fault.Conflict, "notify.no_template", "这类消息还没有配置微信消息模板，无法推送。请电话告知，并请管理员配置模板。")
)

// State is where a line of 未送达 stands.
type State string

// The states. What is read, or sent after all, is no line any more.
const (
	Watched State = "WATCHED" // the push was not sent; it may still be read in time
	Open    State = "OPEN"    // for staff to tell
	Resent  State = "RESENT"  // queued again
	Told    State = "TOLD"    // by telephone
)

// Undelivered is a message that no push has brought, and that an author must
// know, or that is a dead letter (Failed), to anybody.
type Undelivered struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string
	InboxID       string
	Event         Event
	Status        State
	Reason        Status // how the push ended: NoGrant, NotBound, NoTemplate or Failed
	ErrorCode     int    // of the platform; 0 where it was not asked or did not answer
	DueAt         time.Time
	ToldBy        *string
	ToldAt        *time.Time
	Note          string // at most 200 characters
}

// TableName names the table.
func (Undelivered) TableName() string { return "undelivered" }

// reopened is what becomes of a line whose push has ended once more without being
// sent: what was queued again in vain is for staff to tell at once.
const reopened = "status = CASE WHEN undelivered.status = 'RESENT' THEN 'OPEN' ELSE undelivered.status END"

// watch notes how a push has ended. Who has no telephone bound is for staff to
// tell at once, as is what was queued again in vain; others have until due to
// read it by themselves. Where the event does not matter, a new line is written
// for a dead letter alone.
func watch(tx *store.Tx, p Push, end Status, code int, due time.Time) {
	switch {
	case end == Sent || end == Seen:
		tx.Exec("DELETE FROM undelivered WHERE inbox_id = ? AND status <> 'TOLD'", p.InboxID)
		return
	case end != Failed && !p.Event.matters():
		tx.Exec("UPDATE undelivered SET reason = ?, error_code = ?, "+reopened+" WHERE inbox_id = ?", end, code, p.InboxID)
		return
	}
	state := Watched
	if end == NotBound {
		state = Open
	}
	tx.Exec(`INSERT INTO undelivered (id, institution_id, person_id, inbox_id, event, status, reason, error_code, due_at, note)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (inbox_id) DO UPDATE SET reason = excluded.reason, error_code = excluded.error_code, `+reopened,
		store.NewID(), p.InstitutionID, p.PersonID, p.InboxID, p.Event, state, end, code, due)
}

// ripeBatch bounds one step of Ripen.
const ripeBatch = 500

// Ripen opens what has stayed unread until its time, a bounded number of lines,
// and reports whether there are more. Any number of servers may run it.
func (s *Service) Ripen(ctx context.Context) (more bool, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = " FOR UPDATE SKIP LOCKED"
		}
		due := "(SELECT id FROM undelivered WHERE status = 'WATCHED' AND due_at <= ? ORDER BY due_at LIMIT ?" + skip + ")"
		var ripe []string
		g := tx.Gorm(ctx)
		if err := g.Raw("UPDATE undelivered SET status = 'OPEN' WHERE id IN "+due+" RETURNING id", s.now(), ripeBatch).Scan(&ripe).Error; err != nil {
			return err
		}
		more = len(ripe) == ripeBatch
		if len(ripe) == 0 {
			return nil
		}
		// What was read while its push was still on the way was not known then.
		return tx.Gorm(ctx).Exec(`DELETE FROM undelivered WHERE id IN ? AND EXISTS
			(SELECT 1 FROM inbox WHERE inbox.id = undelivered.inbox_id AND inbox.read_at IS NOT NULL)`, ripe).Error
	})
	if err != nil {
		return false, fmt.Errorf("look for what stayed unread: %w", err)
	}
	return more, nil
}

// Line is a line of the list with what is to be said, and to whom.
type Line struct {
	Undelivered
	MatterID    string
	Kind        string // of the matter
	Title, Body string
	Since       time.Time // when it was told in the inbox
	PersonName  string
	PhoneSealed []byte // empty: no number is known
	ToldByName  string
}

// Person is whom the line is about, as far as a telephone number needs it.
func (l Line) Person() member.Person {
	return member.Person{ID: l.PersonID, InstitutionID: l.InstitutionID, Name: l.PersonName, PhoneSealed: l.PhoneSealed}
}

// UndeliveredFilter narrows the list.
type UndeliveredFilter struct {
	Told   bool   // those who were told by telephone, instead of those to tell
	Event  Event  // empty: any
	Reason Status // empty: any
	After  string // identifier of the last line seen; empty: from the oldest
	Limit  int    // 1–100
}

// Undelivered lists what people of the actor's institution have not been told,
// oldest first.
func (s *Service) Undelivered(ctx context.Context, a member.Actor, f UndeliveredFilter) ([]Line, error) {
	where, args := []string{"institution_id = ? AND status = 'OPEN'"}, []any{a.InstitutionID}
	if f.Told {
		where[0] = "institution_id = ? AND status = 'TOLD'"
	}
	for _, c := range []struct{ condition, value string }{
		{"event = ?", string(f.Event)}, {"reason = ?", string(f.Reason)}, {"id > ?", f.After},
	} {
		if c.value != "" {
			where, args = append(where, c.condition), append(args, c.value)
		}
	}
	var lines []Line
	err := s.db.Gorm(ctx).Raw(`SELECT u.*, i.matter_id, i.kind, i.title, i.body, i.created_at AS since,
		p.name AS person_name, p.phone_sealed, COALESCE(t.name, '') AS told_by_name
		FROM (SELECT * FROM undelivered WHERE `+strings.Join(where, " AND ")+` ORDER BY id LIMIT ?) AS u
		JOIN inbox i ON i.id = u.inbox_id JOIN people p ON p.id = u.person_id LEFT JOIN people t ON t.id = u.told_by
		ORDER BY u.id`, append(args, f.Limit)...).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list what was not delivered: %w", err)
	}
	return lines, nil
}

// CountUndelivered counts the lines to tell of an institution, up to CountCap.
func (s *Service) CountUndelivered(ctx context.Context, a member.Actor) (int, error) {
	return s.count(ctx, "SELECT 1 FROM undelivered WHERE institution_id = ? AND status = 'OPEN'", a.InstitutionID)
}

// open returns a line of the actor's institution that is to tell, and locks it
// until the transaction ends.
func (s *Service) open(ctx context.Context, tx *store.Tx, a member.Actor, id string) (Line, error) {
	lock := ""
	if tx.Postgres() {
		lock = " FOR UPDATE OF u"
	}
	var lines []Line
	err := tx.Gorm(ctx).Raw(`SELECT u.*, i.matter_id, i.kind, i.title, p.name AS person_name FROM undelivered u
		JOIN inbox i ON i.id = u.inbox_id JOIN people p ON p.id = u.person_id
		WHERE u.id = ? AND u.institution_id = ? AND u.status = 'OPEN'`+lock, id, a.InstitutionID).Scan(&lines).Error
	if err != nil {
		return Line{}, fmt.Errorf("find what was not delivered: %w", err)
	}
	if len(lines) == 0 {
		return Line{}, ErrNotWaiting
	}
	return lines[0], nil
}

// MaySeeUndelivered returns ErrNotWaiting unless a line is of the actor's
// institution, whatever has become of it.
func (s *Service) MaySeeUndelivered(ctx context.Context, a member.Actor, id string) error {
	n, err := s.count(ctx, "SELECT 1 FROM undelivered WHERE id = ? AND institution_id = ?", id, a.InstitutionID)
	if err == nil && n == 0 {
		err = ErrNotWaiting
	}
	return err
}

// TellByPhone notes that the actor has told somebody by telephone (已电话告知).
// The line leaves the list; who, when and the note stay.
func (s *Service) TellByPhone(ctx context.Context, tx *store.Tx, a member.Actor, id, note string) (Line, error) {
	l, err := s.open(ctx, tx, a, id)
	if err != nil {
		return Line{}, err
	}
	tx.Exec("UPDATE undelivered SET status = 'TOLD', told_by = ?, told_at = ?, note = ? WHERE id = ?", a.PersonID, s.now(), cut(note, 200), id)
	return l, nil
}

// Resend queues the push of a line again, which leaves the list until the push
// has ended: in vain, it comes back at once. Without a telephone that is bound
// it is ErrUnbound, without a template ErrNoTemplate.
func (s *Service) Resend(ctx context.Context, tx *store.Tx, a member.Actor, id string) error {
	l, err := s.open(ctx, tx, a, id)
	if err != nil {
		return err
	}
	bound, err := account.OpenIDs(ctx, tx, []string{l.PersonID})
	if err != nil {
		return err
	}
	if bound[l.PersonID] == "" {
		return ErrUnbound
	}
	if _, ok := s.templates[l.Event]; !ok {
		return ErrNoTemplate
	}
	tx.Exec("UPDATE undelivered SET status = 'RESENT' WHERE id = ?", id)
	tx.Exec(`UPDATE pushes SET status = 'QUEUED', open_id = '', template_id = '', attempts = 0, error_code = 0, next_at = ?, done_at = NULL
		WHERE inbox_id = ?`, s.now(), l.InboxID)
	return nil
}
