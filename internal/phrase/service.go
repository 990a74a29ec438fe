package phrase

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Service keeps phrases.
type Service struct {
	db       *store.DB
	purposes []Purpose
	now      func() time.Time
}

// New returns the service, which keeps phrases for some purposes.
func New(db *store.DB, purposes []Purpose, now func() time.Time) *Service {
	return &Service{db: db, purposes: purposes, now: now}
}

func (s *Service) purpose(name string) (Purpose, bool) {
	i := slices.IndexFunc(s.purposes, func(p Purpose) bool { return p.Name == name })
	if i < 0 {
		return Purpose{}, false
	}
	return s.purposes[i], true
}

// Purposes lists every purpose, in the order of the tables.
func (s *Service) Purposes() []Purpose { return slices.Clone(s.purposes) }

// PurposesOf lists the purposes for which an actor sees phrases.
func (s *Service) PurposesOf(a member.Actor) []Purpose {
	if oversees(a) {
		return s.Purposes()
	}
	return slices.DeleteFunc(s.Purposes(), func(p Purpose) bool { return !p.ForUnits })
}

// LabelOf returns the words for a purpose, or its name where a table has it no
// more.
func (s *Service) LabelOf(name string) string {
	if p, ok := s.purpose(name); ok {
		return p.Label
	}
	return name
}

// Words are what a phrase says.
type Words struct {
	Category string // empty: for all
	Title    string
	Body     string
	Ordinal  int
}

// Add keeps a phrase: for the actor's institution, or, where unitID is given or
// the actor works for one unit and not in the office, for this unit. ErrPurpose
// tells of a purpose that the actor does not fill in, ErrTooLong of words that
// its field would not take, ErrUnit of a unit that is not the actor's.
func (s *Service) Add(ctx context.Context, tx *store.Tx, a member.Actor, unitID, purpose string, w Words) (Phrase, error) {
	p := Phrase{InstitutionID: a.InstitutionID, Purpose: purpose}
	if unitID == "" && !a.Staff() {
		if units := a.Units(); len(units) == 1 {
			unitID = units[0]
		}
	}
	if unitID != "" {
		p.UnitID = &unitID
	}
	if !Keeps(a, p) {
		return Phrase{}, ErrUnit
	}
	known, ok := s.purpose(purpose)
	if !ok || p.UnitID != nil && !known.ForUnits {
		return Phrase{}, ErrPurpose
	}
	var n int64
	q := tx.Peek().Gorm(ctx).Model(&Phrase{}).Where("institution_id = ? AND purpose = ?", p.InstitutionID, p.Purpose)
	if p.UnitID != nil {
		q = q.Where("unit_id = ?", *p.UnitID)
	} else {
		q = q.Where("unit_id IS NULL")
	}
	if err := q.Count(&n).Error; err != nil {
		return Phrase{}, fmt.Errorf("count phrases: %w", err)
	}
	if n >= MaxPhrases {
		return Phrase{}, ErrFull
	}
	return s.Keep(tx, p, w)
}

// Keep queues a new phrase as it is: its institution, unit and purpose are those
// of p. It asks nobody's leave; Add does.
func (s *Service) Keep(tx *store.Tx, p Phrase, w Words) (Phrase, error) {
	if err := s.fits(p.Purpose, w.Body); err != nil {
		return Phrase{}, err
	}
	now := s.now()
	p.ID, p.Version, p.CreatedAt, p.UpdatedAt = store.NewID(), 1, now, now
	p.Category, p.Title, p.Body, p.Ordinal = w.Category, w.Title, w.Body, w.Ordinal
	tx.Insert(&p)
	return p, nil
}

// fits refuses words that the field of a purpose would refuse.
func (s *Service) fits(purpose, body string) error {
	known, ok := s.purpose(purpose)
	switch {
	case !ok:
		return ErrPurpose
	case known.Max > 0 && utf8.RuneCountInString(body) > known.Max:
		return ErrTooLong
	}
	return nil
}

// Find returns a phrase that the actor sees, or ErrNotFound.
func (s *Service) Find(ctx context.Context, c store.Conn, a member.Actor, id string) (Phrase, error) {
	p, err := gorm.G[Phrase](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", a.InstitutionID, id).First(ctx)
	if err != nil {
		return Phrase{}, store.Found(err, ErrNotFound, "find a phrase")
	}
	if !s.sees(a, p) {
		return Phrase{}, ErrNotFound
	}
	return p, nil
}

// kept returns a phrase that the actor may change.
func (s *Service) kept(ctx context.Context, tx *store.Tx, a member.Actor, id string) (Phrase, error) {
	p, err := s.Find(ctx, tx, a, id)
	if err == nil && !Keeps(a, p) {
		err = ErrNotYours
	}
	return p, err
}

// Change gives a phrase other words, from the version that the actor saw: a
// later one is ErrStale. Besides: ErrNotFound, ErrNotYours, ErrTooLong.
func (s *Service) Change(ctx context.Context, tx *store.Tx, a member.Actor, id string, version int64, w Words) (Phrase, error) {
	p, err := s.kept(ctx, tx, a, id)
	if err != nil {
		return Phrase{}, err
	}
	if err := s.fits(p.Purpose, w.Body); err != nil {
		return Phrase{}, err
	}
	p.Category, p.Title, p.Body, p.Ordinal, p.Version, p.UpdatedAt = w.Category, w.Title, w.Body, w.Ordinal, version+1, s.now()
	r := tx.Gorm(ctx).Model(&Phrase{}).Where("id = ? AND version = ?", id, version).Updates(map[string]any{
		"category": p.Category, "title": p.Title, "body": p.Body, "ordinal": p.Ordinal, "version": p.Version, "updated_at": p.UpdatedAt,
	})
	if r.Error != nil {
		return Phrase{}, fmt.Errorf("change a phrase: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return Phrase{}, ErrStale
	}
	return p, nil
}

// Delete takes a phrase away, from the version that the actor saw. What was
// written with it stays. ErrNotFound, ErrNotYours, ErrStale.
func (s *Service) Delete(ctx context.Context, tx *store.Tx, a member.Actor, id string, version int64) error {
	if _, err := s.kept(ctx, tx, a, id); err != nil {
		return err
	}
	r := tx.Gorm(ctx).Where("id = ? AND version = ?", id, version).Delete(&Phrase{})
	if r.Error != nil {
		return fmt.Errorf("delete a phrase: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrStale
	}
	return nil
}
