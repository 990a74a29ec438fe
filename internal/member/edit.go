package member

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of changing a row.
var (
	ErrStale    = fault.New(fault.Conflict, "member.stale", "此人的信息刚刚被别人改动过，请刷新后再试。")
	ErrPosition = fault.New(fault.Invalid, "member.position", "职务最多100个字。")
)

// MaxPosition is how many characters a 职务 may have.
const MaxPosition = 100

// PersonInput is what a row of the roster is to say.
type PersonInput struct {
	Name      string
	Position  string
	Sector    string // of the institution's list, or empty
	GroupName string // of the institution's list, or empty
}

// Create adds a row to the roster of the actor's institution. Phone may be
// empty; one that another row of the institution has is ErrPhoneTaken.
func (s *Service) Create(ctx context.Context, tx *store.Tx, a Actor, in PersonInput, phone string, now time.Time) (Person, error) {
	Lock(tx, a.InstitutionID)
	p := Person{ID: store.NewID(), InstitutionID: a.InstitutionID, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := write(ctx, tx, &p, in); err != nil {
		return p, err
	}
	if phone != "" {
		phone, err := NormalPhone(phone)
		if err != nil {
			return p, err
		}
		if err := s.SetPhone(&p, phone); err != nil {
			return p, err
		}
	}
	err := tx.Gorm(ctx).Create(&p).Error
	if store.IsDuplicate(err) {
		return p, ErrPhoneTaken
	}
	if err != nil {
		return p, fmt.Errorf("add a person: %w", err)
	}
	return p, nil
}

// Change gives a row of the actor's institution another name, 职务, sector or
// group. ErrStale tells that it has changed since version.
func (s *Service) Change(ctx context.Context, tx *store.Tx, a Actor, id string, version int64, in PersonInput, now time.Time) (Person, error) {
	p, err := s.Find(ctx, tx, a, id)
	if err != nil {
		return p, err
	}
	if err := write(ctx, tx, &p, in); err != nil {
		return p, err
	}
	return p, s.touch(ctx, tx, &p, version, map[string]any{
		"name": p.Name, "position": p.Position, "sector": p.Sector, "group_name": p.GroupName,
		"stroke_key": p.StrokeKey, "rank_order": p.RankOrder, "sector_order": p.SectorOrder,
	}, now)
}

// write checks an input and puts it into a row. What the row has already may
// have ended in its list since.
func write(ctx context.Context, tx *store.Tx, p *Person, in PersonInput) error {
	name, err := NormalName(in.Name)
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(in.Position) > MaxPosition {
		return ErrPosition
	}
	if in.Sector != p.Sector {
		if err := ofList(ctx, tx, p.InstitutionID, Sector, in.Sector); err != nil {
			return err
		}
	}
	if in.GroupName != p.GroupName {
		if err := ofList(ctx, tx, p.InstitutionID, Group, in.GroupName); err != nil {
			return err
		}
	}
	order, err := Arrange(ctx, tx, p.InstitutionID)
	if err != nil {
		return err
	}
	p.Name, p.Position, p.Sector, p.GroupName = name, in.Position, in.Sector, in.GroupName
	order.Place(p)
	return nil
}

// touch changes columns of a row that has not changed since version.
func (s *Service) touch(ctx context.Context, tx *store.Tx, p *Person, version int64, columns map[string]any, now time.Time) error {
	columns["version"], columns["updated_at"] = gorm.Expr("version + 1"), now
	r := tx.Gorm(ctx).Model(&Person{}).Where("institution_id = ? AND id = ? AND version = ?", p.InstitutionID, p.ID, version).Updates(columns)
	if r.Error != nil {
		return fmt.Errorf("change a person: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrStale
	}
	p.Version, p.UpdatedAt = version+1, now
	return nil
}
