package notify

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Filter narrows an inbox.
type Filter struct {
	Unread bool   // only what has not been read
	Before string // identifier of the last message seen; empty: from the newest
	Limit  int    // 1–100
}

// Inbox lists messages of the actor, newest first.
func (s *Service) Inbox(ctx context.Context, a member.Actor, f Filter) ([]Message, error) {
	q := gorm.G[Message](s.db.Gorm(ctx)).Where("person_id = ?", a.PersonID)
	if f.Unread {
		q = q.Where("read_at IS NULL")
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	rows, err := q.Order("id DESC").Limit(f.Limit).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list an inbox: %w", err)
	}
	return rows, nil
}

// CountCap is where counting stops: 100 stands for "99+".
const CountCap = 100

// Unread counts the actor's unread messages, up to CountCap.
func (s *Service) Unread(ctx context.Context, a member.Actor) (int, error) {
	return s.count(ctx, "SELECT 1 FROM inbox WHERE person_id = ? AND read_at IS NULL", a.PersonID)
}

// count counts the rows of a query, up to CountCap.
func (s *Service) count(ctx context.Context, rows string, args ...any) (int, error) {
	var n int
	err := s.db.Gorm(ctx).Raw("SELECT COUNT(*) FROM ("+rows+" LIMIT ?) AS counted", append(args, CountCap)...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count up to %d: %w", CountCap, err)
	}
	return n, nil
}

// Read marks a message of the actor as read; reading it again changes nothing.
// Another's message is ErrNotFound.
func (s *Service) Read(ctx context.Context, tx *store.Tx, a member.Actor, id string) error {
	m, err := gorm.G[Message](tx.Gorm(ctx)).Where("id = ? AND person_id = ?", id, a.PersonID).First(ctx)
	if err != nil {
		return store.Found(err, ErrNotFound, "read a message")
	}
	if m.ReadAt == nil {
		s.mark(tx, a, "id = ?", id)
	}
	return nil
}

// ReadUpTo marks every message of the actor as read that is not newer than a
// given one, so that what came while the list was looked at stays unread.
func (s *Service) ReadUpTo(tx *store.Tx, a member.Actor, id string) { s.mark(tx, a, "id <= ?", id) }

// ReadMatter marks what a matter has told the actor as read. The client asks
// for it when the matter is opened: who has seen the answer there need not be
// telephoned.
func (s *Service) ReadMatter(tx *store.Tx, a member.Actor, matterID string) {
	s.mark(tx, a, "matter_id = ?", matterID)
}

// mark marks messages as read, and with them what staff would have to tell.
func (s *Service) mark(tx *store.Tx, a member.Actor, which string, id string) {
	tx.Exec("UPDATE inbox SET read_at = ? WHERE person_id = ? AND read_at IS NULL AND "+which, s.now(), a.PersonID, id)
	tx.Exec(`DELETE FROM undelivered WHERE person_id = ? AND status <> 'TOLD' AND EXISTS
		(SELECT 1 FROM inbox WHERE inbox.id = undelivered.inbox_id AND inbox.read_at IS NOT NULL)`, a.PersonID)
}
