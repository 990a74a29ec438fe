package member

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/seal"
	"yanlu/internal/store"
)

// Service reads and changes the roster of one institution at a time: that of
// the actor who asks. It never reaches a row of another.
type Service struct {
	db     *store.DB
	keeper *seal.Keeper
}

// New returns the service.
func New(db *store.DB, keeper *seal.Keeper) *Service { return &Service{db: db, keeper: keeper} }

// phonePurpose binds the digests of phone numbers to their column.
const phonePurpose = "people.phone"

var mobile = regexp.MustCompile(`^1[3-9]\d{9}$`)

// NormalPhone brings a mobile number of the mainland into its one form, 11
// digits. Spaces, dashes and a leading +86 or 86 are dropped. Anything else is
// ErrPhone.
func NormalPhone(s string) (string, error) {
	s = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "+")
	if len(s) == 13 {
		s = strings.TrimPrefix(s, "86")
	}
	if !mobile.MatchString(s) {
		return "", ErrPhone
	}
	return s, nil
}

// MaskPhone shows a phone number as 138****0000.
func MaskPhone(s string) string {
	if len(s) < 8 {
		return strings.Repeat("*", len(s))
	}
	return s[:3] + strings.Repeat("*", len(s)-7) + s[len(s)-4:]
}

// PhoneDigest returns the digest by which a roster row with this number, in
// its one form, is found.
func (s *Service) PhoneDigest(phone string) string { return s.keeper.Digest(phonePurpose, phone) }

// SetPhone puts a number, in its one form, into a row that is not stored yet.
func (s *Service) SetPhone(p *Person, phone string) error {
	sealed, err := s.keeper.Seal(phone, phonePurpose+":"+p.ID)
	if err != nil {
		return fmt.Errorf("seal a phone number: %w", err)
	}
	digest := s.PhoneDigest(phone)
	p.PhoneSealed, p.PhoneDigest = sealed, &digest
	return nil
}

// Phone opens the number of a row; empty where it has none.
func (s *Service) Phone(p Person) (string, error) {
	if len(p.PhoneSealed) == 0 {
		return "", nil
	}
	phone, err := s.keeper.Open(p.PhoneSealed, phonePurpose+":"+p.ID)
	if err != nil {
		return "", fmt.Errorf("open the phone number of %s: %w", p.ID, err)
	}
	return phone, nil
}

// Find returns a row of the actor's institution, or ErrNotFound.
func (s *Service) Find(ctx context.Context, c store.Conn, a Actor, id string) (Person, error) {
	p, err := gorm.G[Person](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", a.InstitutionID, id).First(ctx)
	return p, store.Found(err, ErrNotFound, "find a person")
}

// ChangePhone gives a row of the actor's institution another number. A number
// that another row of the same institution has is ErrPhoneTaken; rows of other
// institutions are neither read nor changed. See MayReplace.
func (s *Service) ChangePhone(ctx context.Context, tx *store.Tx, a Actor, id, phone string, now time.Time) (Person, error) {
	phone, err := NormalPhone(phone)
	if err != nil {
		return Person{}, err
	}
	p, err := s.Find(ctx, tx, a, id)
	if err != nil {
		return Person{}, err
	}
	if err := MayReplace(ctx, tx, a, id, now); err != nil {
		return Person{}, err
	}
	if err := s.SetPhone(&p, phone); err != nil {
		return Person{}, err
	}
	p.Version++
	p.UpdatedAt = now
	err = tx.Gorm(ctx).Model(&Person{}).Where("institution_id = ? AND id = ?", a.InstitutionID, id).
		Updates(map[string]any{"phone_sealed": p.PhoneSealed, "phone_digest": p.PhoneDigest, "version": gorm.Expr("version + 1"), "updated_at": now}).Error
	if store.IsDuplicate(err) {
		return Person{}, ErrPhoneTaken
	}
	if err != nil {
		return Person{}, fmt.Errorf("change a phone number: %w", err)
	}
	return p, nil
}

// Suspend keeps a person of the actor's institution out from the next request
// on. Nobody can suspend themselves (ErrSelf), nor the last administrator
// (ErrLastAdministrator): two who suspend each other at once are one too many.
// See MayReplace.
func (s *Service) Suspend(ctx context.Context, tx *store.Tx, a Actor, id string, now time.Time) error {
	if id == a.PersonID {
		return ErrSelf
	}
	Lock(tx, a.InstitutionID)
	if err := s.mayReplace(ctx, tx, a, id, now); err != nil {
		return err
	}
	today := calendar.Of(now)
	administrator, err := IsAdministrator(ctx, tx, id, today)
	if err == nil && administrator {
		err = hasAnother(ctx, tx, a.InstitutionID, id, today)
	}
	if err != nil {
		return err
	}
	setSuspended(tx, a, id, &now, now)
	return nil
}

// Restore lets a person of the actor's institution in again. See MayReplace.
func (s *Service) Restore(ctx context.Context, tx *store.Tx, a Actor, id string, now time.Time) error {
	if err := s.mayReplace(ctx, tx, a, id, now); err != nil {
		return err
	}
	setSuspended(tx, a, id, nil, now)
	return nil
}

// mayReplace is MayReplace for a person who may be of another institution, which
// is ErrNotFound.
func (s *Service) mayReplace(ctx context.Context, tx *store.Tx, a Actor, id string, now time.Time) error {
	if _, err := s.Find(ctx, tx, a, id); err != nil {
		return err
	}
	return MayReplace(ctx, tx, a, id, now)
}

func setSuspended(tx *store.Tx, a Actor, id string, since *time.Time, now time.Time) {
	tx.Exec("UPDATE people SET suspended_at = ?, version = version + 1, updated_at = ? WHERE institution_id = ? AND id = ?",
		since, now, a.InstitutionID, id)
}

// Appointments returns the appointments of some people, by person.
func (s *Service) Appointments(ctx context.Context, c store.Conn, people []Person) (map[string][]Appointment, error) {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	rows, err := gorm.G[Appointment](c.Gorm(ctx)).Where("person_id IN ?", ids).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	by := make(map[string][]Appointment, len(people))
	for _, r := range rows {
		by[r.PersonID] = append(by[r.PersonID], r)
	}
	return by, nil
}

// NewPerson is what a roster row begins with.
type NewPerson struct {
	InstitutionID     string
	Name              string
	Phone             string // empty: none is known
	Position          string // 职务
	Sector, GroupName string
	TermID            *string
}

// Add queues a new roster row, for who fills an institution at its beginning: it
// knows the usual order of 职务 alone, and the order of sectors when PlaceSectors
// has been called. A number that is no mobile number is ErrPhone;
// one that another row of the institution has breaks a unique constraint.
func (s *Service) Add(tx *store.Tx, now time.Time, n NewPerson) (Person, error) {
	p := Person{
		ID: store.NewID(), InstitutionID: n.InstitutionID, Name: n.Name, Position: n.Position, Sector: n.Sector, GroupName: n.GroupName, TermID: n.TermID,
		StrokeKey: NewStrokes().Key(n.Name), RankOrder: rankOf(n.Position, Ranks().Default), SectorOrder: unplaced,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if n.Phone != "" {
		phone, err := NormalPhone(n.Phone)
		if err != nil {
			return Person{}, err
		}
		if err := s.SetPhone(&p, phone); err != nil {
			return Person{}, err
		}
	}
	tx.Insert(&p)
	return p, nil
}

// Appoint queues an appointment from today on, without an end. UnitID is empty
// where the role is not a unit's. A member is appointed for the term of the row.
func Appoint(tx *store.Tx, now time.Time, p Person, role Role, unitID string) {
	a := Appointment{ID: store.NewID(), InstitutionID: p.InstitutionID, PersonID: p.ID, Role: role, Begins: calendar.Of(now), Version: 1, CreatedAt: now}
	if role == Member {
		a.TermID = p.TermID
	}
	if unitID != "" {
		a.UnitID = &unitID
	}
	tx.Insert(&a)
}

// AddTerm queues a term of an institution.
func AddTerm(tx *store.Tx, institutionID string, ordinal int, begins, ends calendar.Day) Term {
	t := Term{ID: store.NewID(), InstitutionID: institutionID, Ordinal: ordinal, Begins: begins, Ends: ends, Version: 1}
	tx.Insert(&t)
	return t
}
