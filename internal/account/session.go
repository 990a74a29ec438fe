package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// touchEvery is how often use moves a session's end on: not with each request,
// so that reading does not write.
const touchEvery = 10 * time.Minute

func newToken() (token, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its contract
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// callerRow is a session with everything that it leads to, once for each
// appointment.
type callerRow struct {
	SessionID, AccountID      string
	Desk                      bool
	SeenAt, ExpiresAt, EndsAt time.Time
	RevokedAt                 *time.Time
	BindingID, PersonID       *string
	InstitutionID, Name       *string
	Sector, GroupName         *string
	SuspendedAt               *time.Time
	Profile                   *institution.Profile
	Term                      *int
	Role                      *member.Role
	UnitID                    *string
}

const callerQuery = `SELECT s.id AS session_id, s.account_id, s.desk, s.seen_at, s.expires_at, s.ends_at, s.revoked_at,
	b.id AS binding_id, p.id AS person_id, p.institution_id, p.name, p.sector, p.group_name, p.suspended_at,
	i.profile, t.ordinal AS term, a.role, a.unit_id
FROM sessions s
LEFT JOIN bindings b ON b.id = s.binding_id AND b.ended_at IS NULL
LEFT JOIN people p ON p.id = b.person_id
LEFT JOIN institutions i ON i.id = p.institution_id
LEFT JOIN appointments a ON a.person_id = p.id AND a.begins <= ? AND (a.ends IS NULL OR a.ends >= ?)
LEFT JOIN terms t ON t.id = COALESCE(a.term_id, p.term_id)
WHERE `

// Caller finds who holds a token, with one query: a suspension, an ended
// binding or appointment holds from the next request on. No session, or one
// that has ended, is ErrNoSession.
func (s *Service) Caller(ctx context.Context, token string) (Caller, error) {
	return s.caller(ctx, "s.token_hash = ?", hashToken(token))
}

// Again finds the caller of a session anew, after something about it changed.
func (s *Service) Again(ctx context.Context, sessionID string) (Caller, error) {
	return s.caller(ctx, "s.id = ?", sessionID)
}

func (s *Service) caller(ctx context.Context, which, arg string) (Caller, error) {
	now := s.now()
	today := calendar.Of(now)
	rows, err := s.callerRows(ctx, which, today, today, arg)
	if err != nil {
		return Caller{}, fmt.Errorf("find a session: %w", err)
	}
	if len(rows) == 0 {
		return Caller{}, ErrNoSession
	}
	r := rows[0]
	if r.RevokedAt != nil || !now.Before(r.ExpiresAt) || !now.Before(r.EndsAt) {
		return Caller{}, ErrNoSession
	}
	if now.Sub(r.SeenAt) > touchEvery {
		if err := s.touch(ctx, r, now); err != nil {
			return Caller{}, err
		}
	}
	c := Caller{SessionID: r.SessionID, AccountID: r.AccountID, Desk: r.Desk}
	if r.BindingID == nil {
		return c, nil
	}
	c.BindingID = *r.BindingID
	c.Suspended = r.SuspendedAt != nil
	c.Actor = &member.Actor{
		AccountID: r.AccountID, PersonID: *r.PersonID, Name: *r.Name, Sector: *r.Sector, GroupName: *r.GroupName,
		InstitutionID: *r.InstitutionID, Profile: *r.Profile,
	}
	if r.Term != nil {
		c.Actor.Term = *r.Term
	}
	for _, r := range rows {
		if r.Role == nil {
			continue
		}
		if *r.Role == member.Member && r.Term != nil {
			c.Actor.Term = *r.Term
		}
		h := member.Held{Role: *r.Role}
		if r.UnitID != nil {
			h.UnitID = *r.UnitID
		}
		c.Actor.Held = append(c.Actor.Held, h)
	}
	return c, nil
}

// callerRows runs the query that stands before every request. It scans by hand:
// GORM's reflection costs a tenth of what a server can do.
func (s *Service) callerRows(ctx context.Context, which string, args ...any) (all []callerRow, err error) {
	rows, err := s.db.Gorm(ctx).Raw(callerQuery+which, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r callerRow
		err := rows.Scan(&r.SessionID, &r.AccountID, &r.Desk, &r.SeenAt, &r.ExpiresAt, &r.EndsAt, &r.RevokedAt, &r.BindingID, &r.PersonID, &r.InstitutionID,
			&r.Name, &r.Sector, &r.GroupName, &r.SuspendedAt, &r.Profile, &r.Term, &r.Role, &r.UnitID)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func (s *Service) touch(ctx context.Context, r callerRow, now time.Time) error {
	expires := now.Add(s.limits.Sliding)
	if expires.After(r.EndsAt) {
		expires = r.EndsAt
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE sessions SET seen_at = ?, expires_at = ? WHERE id = ?", now, expires, r.SessionID)
		if !r.Desk {
			s.visited(tx, r.AccountID)
		}
		return nil
	})
}

// newSession returns a session with its token, for an account yet to be told.
func (s *Service) newSession(device string) (string, Session) {
	now := s.now()
	token, hash := newToken()
	return token, Session{
		ID: store.NewID(), TokenHash: hash, Device: device, CreatedAt: now, SeenAt: now,
		ExpiresAt: now.Add(min(s.limits.Sliding, s.limits.Absolute)), EndsAt: now.Add(s.limits.Absolute),
	}
}

// Login exchanges a code of wx.login for a session. It returns the token, which
// is shown only this once, and the session. The session wears the account's
// identity where there is just one, or the one that the account wore last.
func (s *Service) Login(ctx context.Context, code, device, address string) (string, Session, error) {
	if err := s.attempt(ctx, "login address:"+address, s.limits.LoginPerHour); err != nil {
		return "", Session{}, err
	}
	id, err := s.platform.Login(ctx, code)
	if err != nil {
		return "", Session{}, fmt.Errorf("log in: %w", err)
	}
	token, sess := s.newSession(device)
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		acc := Account{ID: store.NewID(), OpenID: id.OpenID, CreatedAt: sess.CreatedAt}
		tx.Exec("INSERT INTO accounts (id, open_id, created_at) VALUES (?, ?, ?) ON CONFLICT (open_id) DO NOTHING", acc.ID, acc.OpenID, acc.CreatedAt)
		acc, err := gorm.G[Account](tx.Gorm(ctx)).Where("open_id = ?", id.OpenID).First(ctx)
		if err != nil {
			return fmt.Errorf("find the account: %w", err)
		}
		sess.AccountID = acc.ID
		if sess.BindingID, err = s.lastWorn(ctx, tx, acc.ID); err != nil {
			return err
		}
		tx.Insert(&sess)
		s.visited(tx, acc.ID)
		return nil
	})
	return token, sess, err
}

// lastWorn returns the binding that a new session of the account begins with:
// the one of its newest session, or else the oldest; nil where it has none.
func (s *Service) lastWorn(ctx context.Context, tx *store.Tx, accountID string) (*string, error) {
	var id string
	err := tx.Gorm(ctx).Raw(`SELECT b.id FROM bindings b
		LEFT JOIN sessions s ON s.binding_id = b.id AND s.account_id = b.account_id
		WHERE b.account_id = ? AND b.ended_at IS NULL
		GROUP BY b.id, b.bound_at ORDER BY CASE WHEN MAX(s.seen_at) IS NULL THEN 1 ELSE 0 END, MAX(s.seen_at) DESC, b.bound_at LIMIT 1`, accountID).
		Scan(&id).Error
	if err != nil {
		return nil, fmt.Errorf("find the identity worn last: %w", err)
	}
	if id == "" {
		return nil, nil
	}
	return &id, nil
}

// Sessions lists the account's live sessions, newest first, at most a hundred.
func (s *Service) Sessions(ctx context.Context, accountID string) ([]Session, error) {
	now := s.now()
	rows, err := gorm.G[Session](s.db.Gorm(ctx)).
		Where("account_id = ? AND revoked_at IS NULL AND expires_at > ? AND ends_at > ?", accountID, now, now).
		Order("id DESC").Limit(100).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return rows, nil
}

// EndSession ends one of the account's own sessions. Another's is ErrNotFound.
func (s *Service) EndSession(ctx context.Context, tx *store.Tx, accountID, id string) error {
	r := tx.Gorm(ctx).Exec("UPDATE sessions SET revoked_at = ? WHERE id = ? AND account_id = ? AND revoked_at IS NULL", s.now(), id, accountID)
	if r.Error != nil {
		return fmt.Errorf("end a session: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrNotFound
	}
	return nil
}
