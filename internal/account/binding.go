package account

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Bound is a binding with the names that people know it by.
type Bound struct {
	Binding
	PersonName      string
	InstitutionName string
}

// LoadBindings adds the query for the identities of an account to a batch, oldest
// first.
func LoadBindings(b *store.Batch, accountID string) *[]Bound {
	var rows []Bound
	store.Read(b, &rows, `SELECT b.*, p.name AS person_name, i.name AS institution_name FROM bindings b
		JOIN people p ON p.id = b.person_id JOIN institutions i ON i.id = b.institution_id
		WHERE b.account_id = ? AND b.ended_at IS NULL ORDER BY b.id LIMIT 100`, accountID)
	return &rows
}

// Choose makes the session wear another identity of its account. One that the
// account does not have is ErrNotFound.
func (s *Service) Choose(ctx context.Context, tx *store.Tx, c Caller, bindingID string) error {
	r := tx.Gorm(ctx).Exec(`UPDATE sessions SET binding_id = ?, seen_at = ? WHERE id = ? AND EXISTS
		(SELECT 1 FROM bindings WHERE id = ? AND account_id = ? AND ended_at IS NULL)`, bindingID, s.now(), c.SessionID, bindingID, c.AccountID)
	if r.Error != nil {
		return fmt.Errorf("choose an identity: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrNotFound
	}
	return nil
}

// BindByPhone binds the caller to every free roster row that has the number
// for which the platform vouches. Whatever the reason that there is none, the
// answer is ErrNoMatch, so that nobody learns who is on a roster.
func (s *Service) BindByPhone(ctx context.Context, c Caller, code, address string) error {
	if err := s.attemptToBind(ctx, c, address); err != nil {
		return err
	}
	openID, err := s.OpenID(ctx, c.AccountID)
	if err != nil {
		return err
	}
	number, err := s.platform.Phone(ctx, code, openID)
	if err != nil {
		return fmt.Errorf("exchange a phone code: %w", err)
	}
	phone, err := member.NormalPhone(number)
	if err != nil {
		return ErrNoMatch
	}
	if err := s.attempt(ctx, "bind phone:"+phone, s.limits.BindingPerHour); err != nil {
		return err
	}
	return s.bind(ctx, c, func(tx *store.Tx) ([]member.Person, Proof, error) {
		people, err := gorm.G[member.Person](tx.Gorm(ctx)).
			Where(`phone_digest = ? AND suspended_at IS NULL AND NOT EXISTS
				(SELECT 1 FROM bindings b WHERE b.person_id = people.id AND b.ended_at IS NULL)`, s.people.PhoneDigest(phone)).
			Order("id").Limit(100).Find(ctx)
		return people, ByPhone, err
	})
}

// BindByInvitation binds the caller to the roster row that an invitation is
// for, and uses the invitation up. A code that is wrong, used, out of date, or
// for a row that is taken is ErrNoMatch.
func (s *Service) BindByInvitation(ctx context.Context, c Caller, code, address string) error {
	if err := s.attemptToBind(ctx, c, address); err != nil {
		return err
	}
	digest := s.keeper.Digest(invitationPurpose, strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code)))
	return s.bind(ctx, c, func(tx *store.Tx) ([]member.Person, Proof, error) {
		now := s.now()
		var personID string
		err := tx.Gorm(ctx).Raw(`UPDATE invitations SET used_at = ?, code_sealed = NULL, picture_sealed = NULL WHERE code_digest = ? AND used_at IS NULL AND expires_at > ?
			RETURNING person_id`, now, digest, now).Scan(&personID).Error
		if err != nil || personID == "" {
			return nil, ByInvitation, err
		}
		people, err := gorm.G[member.Person](tx.Gorm(ctx)).Where("id = ? AND suspended_at IS NULL", personID).Find(ctx)
		return people, ByInvitation, err
	})
}

func (s *Service) attemptToBind(ctx context.Context, c Caller, address string) error {
	if err := s.attempt(ctx, "bind account:"+c.AccountID, s.limits.BindingPerHour); err != nil {
		return err
	}
	// Behind one address there may be a whole plenary on the hotel's network.
	return s.attempt(ctx, "bind address:"+address, 10*s.limits.BindingPerHour)
}

func (s *Service) bind(ctx context.Context, c Caller, find func(*store.Tx) ([]member.Person, Proof, error)) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		people, proof, err := find(tx)
		if err != nil {
			return fmt.Errorf("find whom to bind: %w", err)
		}
		if len(people) == 0 {
			return ErrNoMatch
		}
		for i, p := range people {
			b := Binding{
				ID: store.NewID(), InstitutionID: p.InstitutionID, AccountID: c.AccountID, PersonID: p.ID,
				Proof: proof, BoundAt: s.now(),
			}
			// Invitations first, as for who comes with one: two who lock in
			// different orders wait for each other.
			s.endInvitations(tx, p.ID)
			tx.Insert(&b)
			if i == 0 {
				tx.Exec("UPDATE sessions SET binding_id = ? WHERE id = ? AND binding_id IS NULL OR id = ? AND NOT EXISTS "+
					"(SELECT 1 FROM bindings WHERE id = sessions.binding_id AND ended_at IS NULL)", b.ID, c.SessionID, c.SessionID)
			}
		}
		return nil
	})
	if store.IsDuplicate(err) { // somebody else bound the same row meanwhile
		return ErrNoMatch
	}
	return err
}

// Unbind ends the binding of a person of the actor's own institution, as when a
// phone was lost. The sessions that wore it are bound no more from the next
// request on. Without a binding it is ErrNotFound; see member.MayReplace.
func (s *Service) Unbind(ctx context.Context, tx *store.Tx, a member.Actor, personID string) error {
	p, err := s.people.Find(ctx, tx, a, personID)
	if err != nil {
		return err
	}
	now := s.now()
	if err := member.MayReplace(ctx, tx, a, p.ID, now); err != nil {
		return err
	}
	s.endInvitations(tx, p.ID) // first, as everywhere: one order of locks
	r := tx.Gorm(ctx).Exec("UPDATE bindings SET ended_at = ? WHERE institution_id = ? AND person_id = ? AND ended_at IS NULL", now, a.InstitutionID, p.ID)
	if r.Error != nil {
		return fmt.Errorf("end a binding: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrNotFound.Saying("此人目前没有绑定微信。")
	}
	return nil
}
