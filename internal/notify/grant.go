package notify

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/store"
)

// The ledger of grants. On WeChat one consent is one message, consents add up,
// and no call tells the balance. So the client reports what its user allowed,
// which is a hint, and the platform's events and refusals are the truth. A
// consent may be told by both, in either order, and is booked once.

// maxBalance keeps a client that reports again and again from filling the
// ledger with consents that nobody gave.
const maxBalance = 50

// Grant is what an openid allows for a template.
type Grant struct {
	OpenID     string `gorm:"primaryKey"`
	TemplateID string `gorm:"primaryKey"`
	Balance    int
	Hinted     int // consents that the client told and the platform has not yet
	Confirmed  int // consents that the platform told and the client has not yet
	UpdatedAt  time.Time
}

// Consent is what somebody said to one template's request.
type Consent struct {
	TemplateID string
	Accepted   bool
}

// Report books what the client says its user allowed. Templates that this
// installation does not use are left out.
func (s *Service) Report(tx *store.Tx, openID string, consents []Consent) {
	for _, c := range consents {
		if c.Accepted && s.uses(c.TemplateID) {
			s.tell(tx, openID, c.TemplateID, "hinted", "confirmed")
		}
	}
}

func (s *Service) uses(templateID string) bool {
	for _, t := range s.templates {
		if t.ID == templateID {
			return true
		}
	}
	return false
}

// tell books a consent that one side told, unless the other side has told it
// already. Own and other are columns.
func (s *Service) tell(tx *store.Tx, openID, templateID, own, other string) {
	tx.Exec(fmt.Sprintf(`INSERT INTO grants (open_id, template_id, balance, %[1]s, %[2]s, updated_at) VALUES (?, ?, 1, 1, 0, ?)
		ON CONFLICT (open_id, template_id) DO UPDATE SET
		balance = CASE WHEN grants.%[2]s > 0 OR grants.balance >= %[3]d THEN grants.balance ELSE grants.balance + 1 END,
		%[1]s = CASE WHEN grants.%[2]s > 0 THEN grants.%[1]s ELSE grants.%[1]s + 1 END,
		%[2]s = CASE WHEN grants.%[2]s > 0 THEN grants.%[2]s - 1 ELSE 0 END,
		updated_at = excluded.updated_at`, own, other, maxBalance), openID, templateID, s.now())
}

// unspend gives a grant back that was taken for a message which the platform
// did not send.
func (s *Service) unspend(tx *store.Tx, openID, templateID string) {
	tx.Exec("UPDATE grants SET balance = balance + 1, updated_at = ? WHERE open_id = ? AND template_id = ?", s.now(), openID, templateID)
}

// empty voids the grants of a template: the user, or the platform, has refused.
func (s *Service) empty(tx *store.Tx, openID, templateID string) {
	tx.Exec("UPDATE grants SET balance = 0, hinted = 0, confirmed = 0, updated_at = ? WHERE open_id = ? AND template_id = ?", s.now(), openID, templateID)
}

// spend takes one grant, if there is one.
func (s *Service) spend(ctx context.Context, tx *store.Tx, openID, templateID string) (bool, error) {
	r := tx.Gorm(ctx).Exec("UPDATE grants SET balance = balance - 1, updated_at = ? WHERE open_id = ? AND template_id = ? AND balance > 0",
		s.now(), openID, templateID)
	return r.RowsAffected == 1, r.Error
}

// PlatformEvent is an event of the platform that was seen, so that its
// repetition changes nothing.
type PlatformEvent struct {
	ID string `gorm:"primaryKey"`
	At time.Time
}

// Change is what the platform says of one template and one openid.
type Change struct {
	TemplateID string
	Accepted   bool // in the prompt: one consent
	Refused    bool // in the settings, or by a message that was refused: none is left
}

// Correct books what an event of the platform says. The same event a second
// time changes nothing.
func (s *Service) Correct(ctx context.Context, eventID, openID string, changes []Change) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Insert(&PlatformEvent{ID: eventID, At: s.now()})
		for _, c := range changes {
			switch {
			case !s.uses(c.TemplateID):
			case c.Refused:
				s.empty(tx, openID, c.TemplateID)
			case c.Accepted:
				s.tell(tx, openID, c.TemplateID, "confirmed", "hinted")
			}
		}
		return nil
	})
	if store.IsDuplicate(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("book an event of the platform: %w", err)
	}
	return nil
}
