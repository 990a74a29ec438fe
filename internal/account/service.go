package account

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/seal"
	"yanlu/internal/store"
)

// Limits bound sessions and attempts.
type Limits struct {
	Sliding        time.Duration // a session ends after so long without use
	Absolute       time.Duration // and after so long in any case
	LoginPerHour   int           // for one address
	BindingPerHour int           // for one account, one address, one phone number
}

// Service logs in, binds and finds who is calling.
type Service struct {
	db       *store.DB
	people   *member.Service
	keeper   *seal.Keeper
	platform Platform
	tickets  Tickets
	limits   Limits
	now      func() time.Time
	visits   []func(tx *store.Tx, accountID string)
}

// New returns the service.
func New(db *store.DB, people *member.Service, keeper *seal.Keeper, platform Platform, tickets Tickets, limits Limits, now func() time.Time) *Service {
	return &Service{db: db, people: people, keeper: keeper, platform: platform, tickets: tickets, limits: limits, now: now}
}

// OnVisit adds what is done in the transaction that notes that somebody is in the
// mini-program: at a login, and at most every ten minutes of use. It is for
// packages above this one.
func (s *Service) OnVisit(do func(tx *store.Tx, accountID string)) { s.visits = append(s.visits, do) }

func (s *Service) visited(tx *store.Tx, accountID string) {
	for _, do := range s.visits {
		do(tx, accountID)
	}
}

// attempt counts a try and refuses it with ErrTooOften beyond limit an hour.
// It is committed by itself, so that a try counts whatever becomes of it.
func (s *Service) attempt(ctx context.Context, subject string, limit int) error {
	var n int
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.Gorm(ctx).Raw(`INSERT INTO attempts (subject, window_at, count) VALUES (?, ?, 1)
			ON CONFLICT (subject, window_at) DO UPDATE SET count = attempts.count + 1 RETURNING count`,
			s.keeper.Digest("attempts.subject", subject), s.now().Truncate(time.Hour)).Scan(&n).Error
	})
	if err != nil {
		return fmt.Errorf("count an attempt: %w", err)
	}
	if n > limit {
		return ErrTooOften
	}
	return nil
}

// OpenIDs returns the openids of the accounts that some people are bound to, by
// person. Who is not bound is absent.
func OpenIDs(ctx context.Context, c store.Conn, people []string) (map[string]string, error) {
	var rows []struct{ PersonID, OpenID string }
	err := c.Gorm(ctx).Raw(`SELECT b.person_id, a.open_id FROM bindings b JOIN accounts a ON a.id = b.account_id
		WHERE b.ended_at IS NULL AND b.person_id IN ?`, people).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find openids: %w", err)
	}
	ids := make(map[string]string, len(rows))
	for _, r := range rows {
		ids[r.PersonID] = r.OpenID
	}
	return ids, nil
}

// BoundSince returns since when some people have a telephone bound, by person.
// Who has none is absent.
func BoundSince(ctx context.Context, c store.Conn, people []string) (map[string]time.Time, error) {
	since := make(map[string]time.Time, len(people))
	if len(people) == 0 {
		return since, nil
	}
	rows, err := gorm.G[Binding](c.Gorm(ctx)).Where("ended_at IS NULL AND person_id IN ?", people).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find bindings: %w", err)
	}
	for _, r := range rows {
		since[r.PersonID] = r.BoundAt
	}
	return since, nil
}

// OpenID returns the openid of an account.
func (s *Service) OpenID(ctx context.Context, accountID string) (string, error) {
	a, err := gorm.G[Account](s.db.Gorm(ctx)).Where("id = ?", accountID).First(ctx)
	return a.OpenID, store.Found(err, ErrNoSession, "find an account")
}

// Tidy deletes what has no use any more: attempts older than a day, sessions
// that ended a month ago, and the codes of invitations that are over. It deletes at most a thousand rows of each.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.now()
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec(`DELETE FROM attempts WHERE (subject, window_at) IN
			(SELECT subject, window_at FROM attempts WHERE window_at < ? LIMIT 1000)`, now.Add(-24*time.Hour))
		tx.Exec(`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ends_at < ? LIMIT 1000)`, now.AddDate(0, -1, 0))
		tx.Exec(`UPDATE invitations SET code_sealed = NULL, picture_sealed = NULL WHERE id IN
			(SELECT id FROM invitations WHERE code_sealed IS NOT NULL AND expires_at < ? LIMIT 1000)`, now)
		return nil
	})
}
